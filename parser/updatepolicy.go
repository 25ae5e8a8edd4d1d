package parser

import (
	"fmt"
	"strconv"
	"strings"
)

// matchTypes are the rule types of update-policy, and what their name field
// must be: "" anything, "*" a wildcard, "=" the identity or the root, "."
// the root. '?' says that the field may be left out.
//
// Source: ARM, section update-policy; check_update_policy in
// lib/bind9/check.c, dns_ssu_mtypefromstring in lib/dns/ssu.c.
var matchTypes = map[string]string{
	"name": "", "subdomain": "", "zonesub": "?", "wildcard": "*", "self": "=", "selfsub": "=", "selfwild": "=",
	"ms-self": ".", "ms-selfsub": ".", "ms-subdomain": "", "ms-subdomain-self-rhs": "", "krb5-self": ".", "krb5-selfsub": ".", "krb5-subdomain": "",
	"krb5-subdomain-self-rhs": "", "tcp-self": ".", "6to4-self": ".", "external": "", "local": "",
}

// judgeUpdatePolicy judges the rules of an update-policy.
func judgeUpdatePolicy(c *Checker, s *Statement) {
	b := s.Block()
	if b == nil {
		return
	}
	for i := range b.Statements {
		e := &b.Statements[i]
		if len(e.Terms) < 3 {
			continue
		}
		c.grant(e)
	}
}

func (c *Checker) grant(e *Statement) {
	identity, kind := e.Arg(1), e.Arg(2)
	wants, ok := matchTypes[strings.ToLower(kind.Value)]
	wrong := func(t *Term, message, remedy string) {
		c.diags.Add(t.Diagnostic("NJ216", message, remedy))
	}
	if !ok || kind.Kind != WordTerm || strings.HasSuffix(kind.Value, "-self-rhs") && c.version.Before(V(9, 17, 20)) {
		wrong(kind, fmt.Sprintf("'%s' is no rule type of update-policy", shorten(kind.Value)), "The ARM lists them; the common ones are name, subdomain, zonesub, wildcard and self.")
		return
	}
	next := 3
	if wants != "?" {
		name := e.Arg(3)
		if name == nil || !name.IsText() {
			wrong(kind, fmt.Sprintf("the rule type %s wants a name behind it", kind.Value), "Write the name that may be updated, or '.' where the type takes none.")
			return
		}
		next = 4
		switch {
		case !isDomainName(name.Value):
			c.diags.Add(name.Diagnostic("NJ214", fmt.Sprintf("'%s' is not a domain name", shorten(name.Value)), "Write the name that may be updated."))
			return
		case wants == "*" && name.Value != "*" && !strings.HasPrefix(name.Value, "*."):
			wrong(name, fmt.Sprintf("'%s' is no wildcard", shorten(name.Value)), "The rule type wildcard wants a name that begins with '*.'.")
		case wants == "=" && foldName(name.Value) != foldName(identity.Value) && name.Value != ".":
			wrong(name, "the name is neither the identity nor '.'", fmt.Sprintf("The rule type %s takes the name from the identity; write '.'.", kind.Value))
		case wants == "." && name.Value != ".":
			wrong(name, "the name is not '.'", fmt.Sprintf("The rule type %s takes no name; write '.' for it.", kind.Value))
		case wants == "" && types9[strings.ToLower(name.Value)]:
			wrong(name, fmt.Sprintf("'%s' is a record type where a name is wanted", shorten(name.Value)), fmt.Sprintf("The rule type %s wants a name before the types.", kind.Value))
		}
	}
	if !isDomainName(identity.Value) {
		c.diags.Add(identity.Diagnostic("NJ214", fmt.Sprintf("'%s' is not a domain name", shorten(identity.Value)), "The identity is the name of a key, or of a principal's realm."))
	}
	for i := next; i < len(e.Terms); i++ {
		t := &e.Terms[i]
		word, count, counted := strings.Cut(t.Value, "(")
		if counted && c.version.Before(V(9, 17, 0)) {
			wrong(t, fmt.Sprintf("'%s' is no record type", shorten(t.Value)), "Counts of records came with BIND 9.18; write the type alone.")
			continue
		}
		if counted {
			number, closed := strings.CutSuffix(count, ")")
			if _, err := strconv.ParseUint(number, 10, 16); err != nil || !closed {
				wrong(t, fmt.Sprintf("'%s' is no count of records", shorten(count)), "Write it like A(3).")
				continue
			}
		}
		if w := strings.ToLower(word); !types9[w] && !numbered(w, "type") {
			wrong(t, fmt.Sprintf("'%s' is no record type", shorten(word)), "named refuses to start on it; correct the type.")
		}
	}
}
