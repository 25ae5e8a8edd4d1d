package command

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"named-jail/parser"
)

// mostWords bounds the zones that a shell is given: bash takes a second for some
// thousand words, and nobody reads them.
const mostWords = 200

// zoneWords are the zones of the configuration.
func zoneWords(a *asking) ([]string, cobra.ShellCompDirective) {
	s := a.system()
	if s == nil {
		return nil, theseWords
	}
	defer s.close()
	list, whole := steps(s.zoneNames(), a.word, mostWords)
	if !whole {
		return list, partWords
	}
	return slices.DeleteFunc(list, func(name string) bool { return slices.Contains(a.words, name) }), theseWords
}

// zoneNames reads the names of the zones, sorted. Where several views have one,
// it is there with its views too, as check takes it. The configuration is not
// judged: what cannot be read gives no names.
func (s *system) zoneNames() []string {
	s.source.conf = newConfReader()
	views := map[string][]string{}
	zone := func(z *parser.Statement, view string) {
		name := z.Text(1)
		if name != "." {
			name = strings.TrimSuffix(name, ".")
		}
		class := "IN"
		if len(z.Terms) > 2 && z.Terms[2].Kind != parser.BlockTerm {
			class = strings.ToUpper(z.Text(2))
		}
		if offered(name) && offered(view+class) {
			views[name] = append(views[name], strings.TrimSuffix(name+"/"+class+"/"+view, "/"))
		}
	}
	r := parser.NewReader(s.source, s.conf, parser.Options{Version: s.build.Version})
	for chunk := r.Chunk(); len(chunk) > 0; chunk = r.Chunk() {
		for _, statement := range chunk {
			switch statement.Keyword() {
			case "zone":
				zone(statement, "")
			case "view":
				if block := statement.Block(); block != nil {
					for i := range block.Statements {
						if inner := &block.Statements[i]; inner.Keyword() == "zone" {
							zone(inner, statement.Text(1))
						}
					}
				}
			}
		}
	}
	list := make([]string, 0, len(views))
	for name, long := range views {
		if list = append(list, name); len(long) > 1 {
			list = append(list, long...)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// steps gives the sorted words that begin with a word: all, where they are not more
// than most, else how they can go on, as far as that many can be told apart. The
// second result tells whether the words are whole.
func steps(words []string, word string, most int) ([]string, bool) {
	from, _ := slices.BinarySearch(words, word)
	to := from
	for to < len(words) && strings.HasPrefix(words[to], word) {
		to++
	}
	fit := words[from:to]
	if len(fit) <= most {
		return slices.Clone(fit), true
	}
	var list []string
	for size := len(word) + 1; ; size++ {
		var longer []string
		for _, w := range fit {
			w = w[:min(size, len(w))]
			if len(longer) == 0 || longer[len(longer)-1] != w {
				longer = append(longer, w)
			}
		}
		if len(list) > 0 && len(longer) > most {
			return list, false
		}
		list = longer
	}
}
