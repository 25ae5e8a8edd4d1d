package command

import (
	"fmt"

	"named-jail/parser"
)

// What became of a part of a service.
const (
	partPrinted   = "printed"   // nobody asked for more
	partWritten   = "written"   // it was put into its place just now
	partUnchanged = "unchanged" // it was there already
	partByHand    = "by-hand"   // it is for a person to do
)

// servicePart is one file, or what a person does instead, in the JSON document of
// service. After are the commands that follow, Undo takes it back.
type servicePart struct {
	File  string   `json:"file"`
	Mode  string   `json:"mode"`
	State string   `json:"state"`
	Text  string   `json:"text"`
	Notes []string `json:"notes"`
	After []string `json:"after"`
	Undo  string   `json:"undo"`
}

// serviceDocument is the document of every command with what makes the system
// start named in the jail. Manner is the word for the way in which it starts its
// services, "" where that is not known; Unit is systemd's for named.
type serviceDocument struct {
	document
	Manner string        `json:"manner"`
	Unit   string        `json:"unit"`
	Parts  []servicePart `json:"parts"`
}

// newServiceDocument begins the document.
func (s *system) newServiceDocument(word string) serviceDocument {
	return serviceDocument{document: newDocument(s.jail, nil, nil), Manner: word, Unit: s.namedsUnit(), Parts: []servicePart{}}
}

// add takes a snippet in with its whole text and what became of it.
func (d *serviceDocument) add(s *system, sn *snippet, text, state string) {
	part := servicePart{State: state, Text: text, Notes: listOf(sn.notes), After: listOf(sn.after), Undo: sn.undo}
	if sn.file != "" {
		part.File, part.Mode = s.host.OSPath(sn.file), fmt.Sprintf("%04o", sn.mode)
	}
	d.Parts = append(d.Parts, part)
}

// findings takes over findings that do not stop the command.
func (d *serviceDocument) findings(ds parser.Diagnostics) {
	d.Problems = newDocument("", ds, nil).Problems
}
