package launcher

import (
	"fmt"
	"strings"

	"named-jail/parser"
)

// JailedConfig is the configuration file as the jailed named sees it. It is
// always given with -c, because the built-in default differs by distribution.
const JailedConfig = "/etc/named.conf"

// Given is one flag as it was given.
type Given struct {
	Flag  *Flag
	Value string // "" for a flag without an argument
}

// Invocation is what the words of a named command line ask for.
//
// Jail, User, Group, Config and WorkDir are as given, the last one of each, ""
// when not given: Jail and Config may be relative, Config and WorkDir are the
// host's view. LogFile and LockFile are paths inside the jail; named opens a
// relative LogFile twice, first below / and later below its working directory.
//
// Foreground is set by -f and by BIND 9's -g, LogToStderr by the latter only.
// Info is the letter of the flag that prints something and ends ('v', 'V', 'C',
// 'H', '?'), 0 when there is none: then what follows it was not read, and the
// real named is to be run with Original, without a jail.
type Invocation struct {
	Build       Build
	Words       []string // the command line as it was, without argv[0]
	Jail        string
	User        string
	Group       string
	Config      string
	WorkDir     string
	LogFile     string
	LockFile    string
	Port        string
	Foreground  bool
	LogToStderr bool
	IPv4Only    bool
	IPv6Only    bool
	Info        byte
	Flags       []Given // all flags in their order
}

// ParseArgs reads the words after the program's name as the named of the build
// reads them: flags may be clustered, an argument may be attached or be the
// next word, "--" ends the flags, and so does the first other word. Nothing may
// follow them but, for BIND 8, one configuration file.
//
// A word after BIND 9's -g is the group of the article's line "-g named" when
// isGroup says that there is such a group; that -g is then not BIND 9's. isGroup
// may be nil.
//
// Errors: an ExitError with status 2: NJ603 an unknown flag, NJ604 a word after
// -g that is no group, NJ608 everything else.
func ParseArgs(b Build, argv []string, isGroup func(name string) bool) (*Invocation, error) {
	if !b.Version.Known() {
		path := b.Path
		b = AssumedBuild(b.Version)
		b.Path = path
	}
	p := &argParser{
		inv:     &Invocation{Build: b, Words: append([]string(nil), argv...)},
		rest:    argv,
		isGroup: isGroup,
	}
	for len(p.rest) > 0 && p.inv.Info == 0 {
		word := p.rest[0]
		if len(word) == 0 || word[0] != '-' {
			break
		}
		p.rest = p.rest[1:]
		if word == "--" {
			break
		}
		if err := p.cluster(word); err != nil {
			return nil, err
		}
	}
	if p.inv.Info != 0 {
		return p.inv, nil
	}
	if err := p.operands(); err != nil {
		return nil, err
	}
	return p.inv, nil
}

// argParser is the state of ParseArgs: rest is what is not read yet.
type argParser struct {
	inv     *Invocation
	rest    []string
	isGroup func(string) bool
}

// named is the program in messages: "named 9.18.49".
func (p *argParser) named() string { return p.inv.Build.name() }

// usage is a usage error.
func usage(code parser.Code, message, remedy string) error {
	return fail(StatusUsage, code, nil, message, remedy)
}

// cluster reads one word of flags: "-f", "-gt/jail".
func (p *argParser) cluster(word string) error {
	b := p.inv.Build
	if strings.HasPrefix(word, "--") {
		return usage("NJ608", fmt.Sprintf("%s has no long flags, so %q is none of its flags", p.named(), word),
			fmt.Sprintf("named-jail's own flags stand before those of named, a value behind \"=\": named-jail run %s -t /var/named", word))
	}
	if word == "-" {
		return usage("NJ608", fmt.Sprintf("a lone %q is no flag of named", word), "leave it out")
	}
	for i := 1; i < len(word) && p.inv.Info == 0; i++ {
		letter := word[i]
		flag, ok := LookupFlag(letter, b.Family, b.Version)
		if !ok {
			return p.unknown(word, letter)
		}
		given := Given{Flag: flag}
		if flag.Arg {
			given.Value = word[i+1:]
			if given.Value == "" {
				if len(p.rest) == 0 {
					return usage("NJ608", fmt.Sprintf("the flag -%c wants a value: %s", letter, flag.Meaning),
						"write the value after the flag, or leave the flag out")
				}
				given.Value, p.rest = p.rest[0], p.rest[1:]
			}
			i = len(word)
		}
		if flag.Kind == Stderr && i == len(word)-1 && p.wordFollows() {
			if err := p.groupWord(); err != nil {
				return err
			}
			continue
		}
		if err := p.take(word, given); err != nil {
			return err
		}
	}
	return nil
}

// unknown is the error for a letter that this named does not have.
func (p *argParser) unknown(word string, letter byte) error {
	b := p.inv.Build
	flag := "-" + string([]byte{letter})
	text, remedy := missing(letter, b.Family, b.Version)
	message := fmt.Sprintf("%s has no flag %s", p.named(), flag)
	if len(word) > 2 {
		message += fmt.Sprintf(" (in %q)", word)
	}
	if text != "" {
		message += ": " + text
	}
	if hint := p.attachedGroup(word); hint != "" {
		remedy = hint
	}
	return usage("NJ603", message, remedy)
}

// take stores one flag.
func (p *argParser) take(word string, g Given) error {
	f, inv := g.Flag, p.inv
	if f.Arg {
		if wrong := checkValue(f, g.Value); wrong != "" {
			remedy := "correct the value, or leave the flag out"
			if hint := p.attachedGroup(word); hint != "" {
				remedy = hint
			}
			return usage("NJ608", fmt.Sprintf("the flag -%c (%s) %s; it has %q", f.Letter, f.Meaning, wrong, g.Value), remedy)
		}
	}
	switch f.Kind {
	case Chroot:
		inv.Jail = g.Value
	case User:
		inv.User = g.Value
	case Group:
		inv.Group = g.Value
	case Config:
		inv.Config = g.Value
	case WorkingDirectory:
		inv.WorkDir = g.Value
	case Foreground:
		inv.Foreground = true
	case Stderr:
		inv.Foreground, inv.LogToStderr = true, true
	case IPv4:
		inv.IPv4Only = true
	case IPv6:
		inv.IPv6Only = true
	case LogFile:
		inv.LogFile = g.Value
	case LockFile:
		inv.LockFile = g.Value
	case Port:
		inv.Port = g.Value
	case Info:
		inv.Info = f.Letter
	case Refused:
		return usage("NJ608", fmt.Sprintf("the flag -%c (%s) does not go together with a jail", f.Letter, f.Meaning),
			"leave it out, or start named itself without named-jail")
	}
	if inv.IPv4Only && inv.IPv6Only {
		return usage("NJ608", "the flags -4 and -6 cannot stand together", "leave both out to use IPv4 and IPv6")
	}
	inv.Flags = append(inv.Flags, g)
	return nil
}

// operands judges the words behind the flags.
func (p *argParser) operands() error {
	if len(p.rest) == 0 {
		return nil
	}
	if p.inv.Build.Family == 8 && len(p.rest) == 1 && p.rest[0] != "" && p.rest[0] != "-" {
		p.inv.Config = p.rest[0]
		return nil
	}
	word, remedy := p.rest[0], "leave it out, or write the flag that it belongs to before it"
	if p.inv.Build.Family == 8 {
		word, remedy = p.rest[len(p.rest)-1], "behind the flags only one configuration file may stand"
	}
	return usage("NJ608", fmt.Sprintf("%s does not take the word %q behind its flags", p.named(), word), remedy)
}
