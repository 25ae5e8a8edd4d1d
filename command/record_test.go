package command

import (
	"bytes"
	"encoding/binary"
	"hash/crc64"
	"reflect"
	"testing"
	"time"

	"named-jail/jail"
	"named-jail/parser"
)

// madeRecord is a record as encode writes it.
func madeRecord() (*verdict, []byte) {
	v := &verdict{Key: "key", Since: time.Unix(1700000000, 5).UTC(), Summary: "1 zone",
		Findings: parser.Diagnostics{{Code: "NJ306", Severity: parser.Warning, File: "/f", Line: 3, Column: 2, Width: 4, Message: "m", Remedy: "r", Source: "s\u00ff"}}}
	return v, v.encode(&jail.Notes{})
}

// TestRecordDamaged: a record that is cut or changed anywhere is no record, and
// a whole one gives back what was kept.
func TestRecordDamaged(t *testing.T) {
	v, whole := madeRecord()
	got, notes := readRecord(whole)
	if got == nil || notes == nil || !reflect.DeepEqual(got, v) {
		t.Fatalf("%+v, want %+v", got, v)
	}
	for i := range whole {
		if r, _ := readRecord(whole[:i]); r != nil {
			t.Errorf("cut at %d", i)
		}
		other := bytes.Clone(whole)
		other[i] ^= 0x10
		if r, _ := readRecord(other); r != nil {
			t.Errorf("changed at %d", i)
		}
	}
	if v.Findings[0].File = "/\xff"; v.encode(&jail.Notes{}) != nil {
		t.Error("a name that cannot be kept is kept")
	}
	if r, _ := readRecord(append(whole, 0)); r != nil {
		t.Error("text after the end")
	}
}

// FuzzReadRecord reads anything as a record, with a checksum that fits and
// without.
func FuzzReadRecord(f *testing.F) {
	_, whole := madeRecord()
	f.Add(whole[len(recordMagic)+8:])
	f.Add([]byte("\x02{}\x01\xff\xff\xff\xff\x0f"))
	f.Fuzz(func(t *testing.T, body []byte) {
		sum := binary.LittleEndian.AppendUint64([]byte(recordMagic), crc64.Checksum(body, crc64.MakeTable(crc64.ECMA)))
		for _, data := range [][]byte{body, append(sum, body...)} {
			if v, notes := readRecord(data); (v == nil) != (notes == nil) {
				t.Fatal("half a record")
			}
		}
	})
}
