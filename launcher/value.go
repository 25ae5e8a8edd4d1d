package launcher

import (
	"slices"
	"strconv"
	"strings"
)

// transports are the words that may stand before a port. BIND 9.18 cuts one
// digit off a port after http=; that is named's to mend.
var transports = []string{"dns=", "tls=", "https=", "http="}

// maxNumber is the largest value that named takes for a number.
const maxNumber = 1<<31 - 1

// checkValue says what is wrong with the value of a flag, or "".
func checkValue(f *Flag, value string) string {
	switch f.Form {
	case NotEmpty:
		if value == "" {
			return "wants a value that is not empty"
		}
	case Number:
		return checkNumber(value, 0, maxNumber)
	case PortNumber:
		return checkNumber(value, 1, 65535)
	case TransportPort:
		for _, t := range transports {
			if rest, ok := strings.CutPrefix(value, t); ok {
				return checkNumber(rest, 1, 65535)
			}
		}
		return checkNumber(value, 1, 65535)
	case WordList:
		for word := range strings.SplitSeq(value, ",") {
			if !slices.Contains(f.Words, word) {
				return "wants words from this list, with commas between them: " + strings.Join(f.Words, " ")
			}
		}
	}
	return ""
}

// checkNumber reads a number as strtol(3) does, because named uses it: blank
// space and a sign may stand before the digits, nothing may follow them, and
// the empty text is 0.
func checkNumber(value string, low, high int64) string {
	digits := strings.TrimLeft(value, " \t\n\v\f\r")
	if value == "" {
		digits = "0"
	}
	negative := strings.HasPrefix(digits, "-")
	if negative || strings.HasPrefix(digits, "+") {
		digits = digits[1:]
	}
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return "wants a decimal number and nothing else"
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if negative {
		n = -n
	}
	if err != nil || n < low || n > high {
		return "wants a number from " + strconv.FormatInt(low, 10) + " to " + strconv.FormatInt(high, 10)
	}
	return ""
}
