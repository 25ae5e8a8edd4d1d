package jail

import (
	"encoding/json"
	"reflect"
	"testing"

	"named-jail/rewrite"
)

// Names of any bytes come back from the store as they were.
func TestNamesStayExact(t *testing.T) {
	const odd = "/srv/\xfc\xff/\xef\xbf\xbd"
	m := newManifest(odd)
	m.HostLinks[odd] = odd + "1"
	m.Keeps[odd] = Keep{Real: odd, Patterns: []string{"K*"}}
	m.Added = []rewrite.JailPath{odd, "/etc/plain"}
	text, err := m.encode()
	if err != nil {
		t.Fatal(err)
	}
	if back, err := readManifest(text, ""); err != nil || !reflect.DeepEqual(back, m) {
		t.Errorf("%v, %#v, want %#v", err, back, m)
	}

	r := Record{Path: odd, Partner: odd + "1", Target: odd + "2", Temp: odd + "3", Before: State{Target: odd + "4"}}
	data, err := json.Marshal(r.withNames(toText))
	if err != nil {
		t.Fatal(err)
	}
	var read Record
	if err := json.Unmarshal(data, &read); err != nil {
		t.Fatal(err)
	}
	if back := read.withNames(fromText); !reflect.DeepEqual(*back, r) {
		t.Errorf("%+v, want %+v", *back, r)
	}
}
