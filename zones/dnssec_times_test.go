package zones

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"named-jail/parser"
)

// sigLine is a signature over the A records of ns, for a time; nobody looks at
// the rest of it.
func sigLine(owner, covers, from, to string) string {
	return fmt.Sprintf("%s RRSIG %s 13 2 3600 %s %s 1 example. %s\n", owner, covers, to, from, strings.Repeat("AAAA", 20)+"AAAAAA==")
}

// TestSignatureTimes judges times without verifying anything.
func TestSignatureTimes(t *testing.T) {
	now := time.Date(2030, 6, 15, 12, 0, 0, 0, time.UTC)
	const long, past, soon = "20300701000000", "20300601000000", "20300617000000"
	tests := []struct {
		name, text string
		signed     bool
		within     time.Duration
		want       string
	}{
		{"valid", sigLine("ns", "A", past, long), false, 0, ""},
		{"no signatures", "", false, 0, ""},
		{"expired", sigLine("ns", "A", "20300501000000", "20300614000000"), false, 0, "NJ432 1 2030-06-14"},
		{"expires now", sigLine("ns", "A", past, "20300615120000"), false, -1, ""},
		{"expired a second ago", sigLine("ns", "A", past, "20300615115959"), false, -1, "NJ432 1 2030-06-15"},
		{"many expired", sigLine("ns", "A", "20300501000000", "20300614000000") + sigLine("a", "A", "20300501000000", "20300610000000") +
			sigLine("a", "TXT", "20300501000000", "20300611000000"), false, 0, "NJ432 3 2030-06-10"},
		{"soon", sigLine("ns", "A", past, soon), false, 0, "NJ433 1 2030-06-17"},
		{"soon enough", sigLine("ns", "A", past, soon), false, 24 * time.Hour, ""},
		{"soon, not asked for", sigLine("ns", "A", past, soon), false, -1, ""},
		{"soon in a month", sigLine("ns", "A", past, long), false, 30 * 24 * time.Hour, "NJ433 1 2030-07-01"},
		{"not yet", sigLine("ns", "A", "20300616000000", long), false, 0, "NJ434 1 2030-06-16"},
		{"reversed", sigLine("ns", "A", long, past), false, 0, "NJ432 1 2030-06-01"},
		{"expired beside a valid one", sigLine("ns", "A", past, past) + sigLine("ns", "A", past, long), false, 0, ""},
		{"expired beside one of another algorithm", sigLine("ns", "A", past, past) + strings.Replace(sigLine("ns", "A", past, long), " 13 ", " 8 ", 1), false, 0, "NJ432 1 2030-06-01"},
		{"all", sigLine("a", "A", past, past) + sigLine("b", "A", past, soon) + sigLine("c", "A", long, "20310101000000"), false, 0,
			"NJ432 1 2030-06-01, NJ433 1 2030-06-17, NJ434 1 2030-07-01"},
		{"serial arithmetic", sigLine("ns", "A", "1907000000", "4000000000"), false, -1, ""},
		{"named signs: soon", sigLine("ns", "A", past, soon), true, 0, ""},
		{"named signs: expired", sigLine("ns", "A", past, past), true, 0, "NJ432 1 2030-06-01"},
	}
	for _, test := range tests {
		z := example()
		z.Checks.Signed, z.Checks.MakesKeys = test.signed, true
		r := CheckAll(context.Background(), memFiles{"z": head + "a A 192.0.2.1\n" + test.text}, []Zone{z},
			Options{Judging: Judging{Now: now, ExpireWithin: test.within}})[0]
		var got []string
		for _, d := range r.Diagnostics {
			if d.Severity != parser.Warning || d.Line == 0 {
				t.Errorf("%s: no warning, or no place: %s", test.name, d.Headline())
			}
			_, rest, _ := strings.Cut(d.Message, "signatures of ")
			_, day, _ := strings.Cut(d.Message, " on ")
			got = append(got, fmt.Sprintf("%s %s %.10s", d.Code, strings.Fields(rest + " -")[0], day))
		}
		if strings.Join(got, ", ") != test.want {
			t.Errorf("%s: got %q, want %q\n%s", test.name, got, test.want, found(r))
		}
	}
	if !serialAfter(1, 0xffffffff) || serialAfter(0xffffffff, 1) || serialAfter(5, 5) {
		t.Error("serial arithmetic")
	}
}
