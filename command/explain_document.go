package command

import "named-jail/parser"

// explainedCode is a code in the JSON document of explain.
type explainedCode struct {
	Code     parser.Code `json:"code"`
	Severity string      `json:"severity"`
	Title    string      `json:"title"`
	Text     string      `json:"text"`
	Example  string      `json:"example"`
	Remedy   string      `json:"remedy"`
}

// explainDocument is the JSON of explain, which is about no jail.
type explainDocument struct {
	Version int             `json:"version"`
	Codes   []explainedCode `json:"codes"`
}

// explainDocuments prints the document with one code, or with all for "".
// Errors: an unknown code; those of standard output.
func explainDocuments(p printer, word string) error {
	list := parser.Codes()
	if word != "" {
		c, err := knownCode(word)
		if err != nil {
			return err
		}
		list = []parser.Code{c}
	}
	doc := explainDocument{Version: 1}
	for _, c := range list {
		info, _ := parser.LookupCode(c)
		e, _ := parser.Explain(c)
		doc.Codes = append(doc.Codes, explainedCode{c, info.Severity.String(), info.Title, e.Text, e.Example, info.Remedy})
	}
	return p.encode(doc)
}
