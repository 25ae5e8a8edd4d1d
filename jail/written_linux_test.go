package jail

import (
	"slices"
	"testing"

	"named-jail/rewrite"
)

func TestWrittenDirs(t *testing.T) {
	w := newWorld(t)
	w.dir(testJail, 0o755, 0, 0)
	for _, d := range []struct {
		path string
		uid  int
	}{{"/a", 0}, {"/a/named", testUID}, {"/a/named/below", testUID}, {"/b", testUID}, {"/c", 0}, {"/c/d", 0}} {
		w.dir(testJail+d.path, 0o755, d.uid, 0)
	}
	w.link("/", testJail+"/c/link")
	tree := w.tree(w.host())
	got, err := tree.WrittenDirs(testUID)
	slices.Sort(got)
	if err != nil || !slices.Equal(got, []rewrite.JailPath{"/a/named", "/b"}) {
		t.Errorf("%v, %v", got, err)
	}
}
