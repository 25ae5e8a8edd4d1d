package parser

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// MaxText bounds the text of a configuration, all its files together. Units:
// bytes. 100,000 zones have 15 megabytes; a file of a gigabyte is no named.conf.
const MaxText = 256 << 20

// MaxFindings bounds the findings of one list that are kept one by one, and the
// errors after which a configuration is not read further.
const MaxFindings = 10000

// Bounds that keep hostile input from eating the machine. named has none: it
// ends with "too many open files", a full stack or no memory.
const (
	maxDepth    = 500         // blocks in blocks
	maxChain    = 100         // files that include each other
	maxIncludes = 100000      // include files in all, each as often as it is read
	maxReading  = 4 * MaxText // bytes in all, of each file as often as it is read
	maxWords    = 1 << 20     // words, strings and blocks of one statement
	maxTerms    = 16 << 20    // the same, with all that is in its blocks
	maxBlock    = 2 << 20     // statements of one block, or elements of one list
	maxToken    = 64 << 10    // bytes of a word or string
	maxName     = 4096        // bytes of a file name, as the systems have it (PATH_MAX)
	maxMessage  = 1500        // bytes of a message
)

// inMega gives a number of bytes as megabytes, for messages.
func inMega(bytes int) string { return fmt.Sprintf("%d MB", bytes>>20) }

// tooLarge says that a file is beyond MaxText.
type tooLarge struct{}

func (tooLarge) Error() string {
	return fmt.Sprintf("it is larger than %s, which no configuration is", inMega(MaxText))
}

// ErrTooLarge is what a Source gives for a file of more than MaxText bytes, so
// that it does not have to be read first.
var ErrTooLarge error = tooLarge{}

// shorten cuts a text for a message and keeps it on one line.
func shorten(s string) string {
	if n := strings.IndexAny(s, "\r\n"); n >= 0 {
		s = s[:n]
	}
	if len(s) > 40 {
		s = s[:37] + "..."
	}
	return s
}

// bounded cuts the middle out of a message that quotes something endless.
func bounded(s string) string {
	if len(s) <= maxMessage {
		return s
	}
	head, tail := maxMessage*2/3, len(s)-maxMessage/3
	for head > 0 && !utf8.RuneStart(s[head]) {
		head--
	}
	for tail < len(s) && !utf8.RuneStart(s[tail]) {
		tail++
	}
	return s[:head] + " ... " + s[tail:]
}
