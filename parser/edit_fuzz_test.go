package parser

import "testing"

// FuzzEdits changes texts by offset: what no edit names stays, and two edits
// never take the same bytes.
func FuzzEdits(f *testing.F) {
	f.Add("abcdef", 1, 2, "x", 4, 4, "yy")
	f.Add("", 0, 0, "", 0, 0, "a")
	f.Fuzz(func(t *testing.T, text string, start, end int, first string, from, to int, second string) {
		var e Edits
		e.Replace(start, end, first)
		e.Replace(from, to, second)
		got, err := e.Apply(text)
		if err != nil {
			return
		}
		if from < start || from == start && to < end {
			start, end, first, from, to, second = from, to, second, start, end, first
		}
		want := text[:start] + first + text[end:]
		if (edit{start, end, first}) != (edit{from, to, second}) {
			want = text[:start] + first + text[end:from] + second + text[to:]
		}
		if got != want && start != from {
			t.Fatalf("got %q, want %q", got, want)
		}
		if len(got) != len(text)-(end-start)+len(first)-(to-from)+len(second) && (edit{start, end, first}) != (edit{from, to, second}) {
			t.Fatalf("%q is too long or too short", got)
		}
	})
}
