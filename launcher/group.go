package launcher

import (
	"fmt"
	"strings"
)

// wordFollows tells whether the next word would be a stray operand.
func (p *argParser) wordFollows() bool {
	return len(p.rest) > 0 && !strings.HasPrefix(p.rest[0], "-")
}

// groupWord takes the word after BIND 9's -g as the article's GROUP. BIND 9
// would refuse any word there, so nothing that BIND 9 accepts changes its
// meaning.
func (p *argParser) groupWord() error {
	word := p.rest[0]
	if word == "" || p.isGroup == nil || !p.isGroup(word) {
		return usage("NJ604",
			fmt.Sprintf("%s takes no word after -g, and %q is no group of this system", p.named(), word),
			"in BIND 8 \"-g GROUP\" chose the group, in BIND 9 -g alone means foreground with the log on standard error: leave the word out, or name a group that exists")
	}
	p.inv.Group = word
	p.rest = p.rest[1:]
	return nil
}

// attachedGroup is the advice for "-gnamed", which BIND 8 takes and which
// BIND 9 reads as several flags; "" when the word is not of that kind.
func (p *argParser) attachedGroup(word string) string {
	name, ok := strings.CutPrefix(word, "-g")
	if !ok || name == "" || p.inv.Build.Family == 8 || p.isGroup == nil || !p.isGroup(name) {
		return ""
	}
	return fmt.Sprintf("BIND 9 reads %q as several flags; write the group as a word of its own: -g %s", word, name)
}

// CheckGroup refuses a group that named cannot take. BIND 9 has no way to
// choose one: it takes the primary group of the account. user and primaryGID
// are the account, group and gid what the command line asks for; an empty group
// asks for nothing.
//
// Errors: an ExitError with status 1, NJ604.
func CheckGroup(b Build, user string, primaryGID int, group string, gid int) error {
	if b.Family == 8 || group == "" || gid == primaryGID {
		return nil
	}
	return fail(StatusFailed, "NJ604", nil,
		fmt.Sprintf("%s cannot run with the group %q (gid %d): BIND 9 takes the primary group of the user %q, which is gid %d",
			b.name(), group, gid, user, primaryGID),
		fmt.Sprintf("leave \"-g %s\" out, or make it the primary group: usermod -g %s %s", group, group, user))
}
