package parser

// Span gives the bytes from the keyword to the last value, without the
// semicolon. Of a statement that an include file begins or ends it gives what
// stands in the file of its keyword.
func (s *Statement) Span() Span {
	if len(s.Terms) == 0 {
		return Span{}
	}
	span := s.Terms[0].Span()
	for i := range s.Terms {
		t := &s.Terms[i]
		if t.File != span.File || t.End <= span.End || int(t.End) > len(t.File.Text) {
			continue
		}
		if t.Kind == BlockTerm && t.File.Text[t.End-1] != '}' {
			continue // its brace is closed in another file
		}
		span.End = t.End
	}
	return span
}

// Whole gives Span with the semicolon, and with the blank space and comments
// before that. Where the semicolon is missing it is Span.
func (s *Statement) Whole() Span {
	span := s.Span()
	if span.File == nil {
		return span
	}
	scan := span.File.cutter(int(span.End), len(span.File.Text))
	for {
		switch t := scan.next(); t.kind {
		case tokSpace, tokComment:
		case tokSemicolon:
			span.End = int32(t.end)
			return span
		default:
			return span
		}
	}
}

// Value gives the bytes behind the keyword, from the first value to the last:
// { 192.0.2.1; } of allow-transfer { 192.0.2.1; };.
func (s *Statement) Value() string {
	span := s.Span()
	if len(s.Terms) < 2 || s.Terms[1].File != span.File || s.Terms[1].Start > span.End {
		return ""
	}
	return span.File.Text[s.Terms[1].Start:span.End]
}

// Text gives the bytes of the span.
func (s Span) Text() string {
	if s.File == nil {
		return ""
	}
	return s.File.Text[s.Start:s.End]
}
