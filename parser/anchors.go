package parser

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
)

// anchors are the trust anchors of a configuration.
type anchors struct {
	static   map[nameKey]Span // by domain name and view
	initial  []anchorUse
	managed  Span
	anchored Span // trust-anchors
	views    map[int]Span
}

type anchorUse struct {
	name string
	view int
	at   Span
}

var anchorSpace = space{name: "trust anchor"}

// judgeAnchors judges the numbers and the key data of trust anchors.
//
// Source: check_trust_anchor in lib/bind9/check.c; RFC 4034, sections 2 and 5.
func judgeAnchors(c *Checker, s *Statement) {
	b := s.Block()
	if b == nil {
		return
	}
	switch s.Def.Keyword {
	case "managed-keys":
		c.keys.managed = s.Terms[0].Span()
	case "trust-anchors":
		c.keys.anchored = s.Terms[0].Span()
	}
	for i := range b.Statements {
		e := &b.Statements[i]
		kind, first := "trusted-key", 1
		if s.Def.Keyword != "trusted-keys" {
			kind, first = strings.ToLower(e.Text(1)), 2
		}
		c.anchor(e, kind, first)
	}
}

func (c *Checker) anchor(e *Statement, kind string, first int) {
	ds := strings.HasSuffix(kind, "-ds")
	parts := []string{"flags", "protocol", "algorithm"}
	if ds {
		parts = []string{"key tag", "algorithm", "digest type"}
	}
	for i, part := range parts {
		t := e.Arg(first + i)
		limit := uint64(255)
		if i == 0 {
			limit = 65535
		}
		if t != nil && number(t) > limit {
			c.diags.Add(t.Diagnostic("NJ213", fmt.Sprintf("the %s of a trust anchor is at most %d", part, limit), "named refuses to start on it; copy the anchor anew."))
		}
	}
	if t := e.Arg(first + 3); t != nil {
		data := strings.Join(strings.Fields(t.Value), "")
		var err error
		if ds {
			_, err = hex.DecodeString(data)
		} else {
			_, err = base64.StdEncoding.DecodeString(data)
		}
		if err != nil {
			c.diags.Add(t.Diagnostic("NJ215", "the data of a trust anchor cannot be read", "A key is base64 and a digest hexadecimal; copy it anew."))
		}
	}
	name := foldName(e.Terms[0].Value)
	if strings.HasPrefix(kind, "initial-") {
		c.keys.initial = append(c.keys.initial, anchorUse{name, c.view, e.Terms[0].Span()})
		return
	}
	if c.keys.static == nil {
		c.keys.static = map[nameKey]Span{}
	}
	k := nameKey{&anchorSpace, name, c.view}
	if _, ok := c.keys.static[k]; !ok {
		c.keys.static[k] = e.Terms[0].Span()
	}
}

// settleAnchors compares the anchors of one domain name with each other, and
// those of the root with dnssec-validation.
func (c *Checker) settleAnchors() {
	if c.keys.managed.File != nil && c.keys.anchored.File != nil {
		c.diags.Add(c.keys.managed.Diagnostic("NJ217", "managed-keys and trust-anchors stand in one configuration", "named refuses to start on it; move the keys into trust-anchors."))
	}
	for _, a := range c.keys.initial {
		for _, view := range []int{a.view, 0} {
			first, ok := c.keys.static[nameKey{&anchorSpace, a.name, view}]
			if !ok {
				continue
			}
			line, _ := first.File.Position(int(first.Start))
			c.diags.Add(a.at.Diagnostic("NJ217", fmt.Sprintf("the trust anchor of '%s' is initial here and static at %s:%d", shorten(a.at.text()), first.File.Name, line),
				"named refuses to start on it; keep one of the two."))
			break
		}
	}
	auto := c.zones.options.marks&markBits["dnssec-validation auto"] != 0
	for k, at := range c.keys.static {
		own := c.zones.views[k.view].marks
		if k.name == "." && (own&markBits["dnssec-validation auto"] != 0 || own&markBits["dnssec-validation"] == 0 && auto) {
			c.diags.Add(at.Diagnostic("NJ217", "a static trust anchor of the root stands beside 'dnssec-validation auto'", "named refuses to start on it; make it initial-key or initial-ds, or write dnssec-validation yes."))
		}
	}
}
