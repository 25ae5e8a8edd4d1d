package zones

import (
	"fmt"

	"named-jail/parser"
)

// asked are the codes of what is verified on demand only: there an error is one
// in a copied zone too.
var asked = map[parser.Code]bool{"NJ432": true, "NJ434": true, "NJ435": true, "NJ436": true, "NJ437": true, "NJ438": true, "NJ439": true, "NJ441": true}

// spares tells whether an error is a warning because the zone is a copy: named
// throws the file away and transfers the zone again. A file that cannot be read
// at all is an error all the same.
func (c *check) spares(d *parser.Diagnostic) bool {
	return c.kind == copied && d.Severity == parser.Error && d.Code != "NJ401" && d.Code != "NJ418" && d.Code != unsafe && !asked[d.Code]
}

// add records a finding, unless there are enough of its kind already: then it
// is counted.
func (c *check) add(d parser.Diagnostic) {
	if c.saidLast(&d) {
		return
	}
	if info, _ := parser.LookupCode(d.Code); info.Severity == parser.Warning && !d.Fatal {
		d.Severity = parser.Warning
	}
	if c.spares(&d) {
		d.Severity, d.Fatal = parser.Warning, false
		d.Remedy = "named transfers the zone again; to be rid of this message, move the file away"
		if d.Code == "NJ409" {
			c.misread = true // the text is read all the same
		} else if c.spared++; c.spared == c.zone.maxErrors() {
			defer c.full(d.File, parser.Warning)
		}
	}
	var one parser.Diagnostics
	one.Add(d)
	most, count := c.zone.maxErrors(), &c.errors
	if one[0].Severity == parser.Warning {
		count = &c.warnings
	}
	if *count >= most {
		c.unsaid(d.Code, 1)
		return
	}
	*count++
	c.report.Diagnostics = append(c.report.Diagnostics, one[0])
	if c.errors == most && count == &c.errors {
		c.full(d.File, parser.Error)
	}
}

// saidLast tells whether the finding before says the same of the same place, as
// with two names in one record or with the records of a $GENERATE line.
func (c *check) saidLast(d *parser.Diagnostic) bool {
	n := len(c.report.Diagnostics)
	if n == 0 || d.Line == 0 {
		return false
	}
	last := &c.report.Diagnostics[n-1]
	return last.Line == d.Line && last.Column == d.Column && last.Code == d.Code && last.Message == d.Message && last.File == d.File
}

// full ends the reading: the zone has as many errors as are reported.
func (c *check) full(file string, severity parser.Severity) {
	if !c.reading || c.enough {
		return
	}
	c.enough = true
	c.report.Diagnostics = append(c.report.Diagnostics, parser.Diagnostic{Code: "NJ413", Severity: severity, File: file,
		Message: fmt.Sprintf("reading stopped after %d errors in this zone", c.zone.maxErrors()),
		Remedy:  "repair these and check again"})
}

// failures counts what keeps named from loading the file: what rules say of the
// whole zone would then be nonsense.
func (c *check) failures() int { return c.errors + c.spared }

// unsaid counts findings that are not reported one by one.
func (c *check) unsaid(code parser.Code, n int) {
	if c.more == nil {
		c.more = make(map[parser.Code]int)
	}
	c.more[code] += n
}

// stop tells whether reading should end early.
func (c *check) stop() bool { return c.report.Stopped || c.enough }

// poll asks the context.
func (c *check) poll() bool {
	if c.halted() {
		c.report.Stopped = true
	}
	return c.report.Stopped
}

// halted asks the context; unlike poll it may be called by many at once.
func (c *check) halted() bool { return c.ctx.Err() != nil }

// fault takes a fault of the text file that is being read.
func (c *check) fault(f *fault) { c.faultIn(c.text.file, f) }

// faultIn reports a fault of a file.
func (c *check) faultIn(file string, f *fault) {
	c.add(parser.Diagnostic{Code: f.code, File: file, Line: f.line, Column: f.column, Message: f.message, Remedy: f.remedy})
}
