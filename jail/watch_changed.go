package jail

import (
	"sync"
	"time"
)

// Rewritten is a plain file whose text, size and times are other ones than the
// notes say, and nothing else of it. Path is the one that the notes have.
type Rewritten struct {
	Path string
	Now  Info
}

// Settled tells whether the file has lain still since well before a time.
func (r Rewritten) Settled(began time.Time) bool { return settledBefore(r.Now, began) }

// Unchanged tells whether the system is still as the notes say, by looking at all
// of it again, and "" or what has changed.
//
// The paths of the notes are followed as the kernel does: what counts is whether
// the same objects are found, and nothing of them is read.
func (n *Notes) Unchanged(h *Host) string {
	_, other := n.Changed(h, 0)
	return other
}

// Changed is Unchanged, but for plain files with another text, which it lists, up
// to most of them: one more counts as another change.
func (n *Notes) Changed(h *Host, most int) (list []Rewritten, other string) {
	for _, a := range n.said {
		if line, ok := askServiceAgain(a.table, a.key); line != a.line || ok != a.ok {
			return nil, "the directory service says otherwise"
		}
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	next := 0
	rewritten := func(r Rewritten) bool {
		mu.Lock()
		defer mu.Unlock()
		if len(list) >= most {
			return false
		}
		list = append(list, r)
		return true
	}
	for range 2 {
		wg.Go(func() {
			for {
				mu.Lock()
				i := next
				next++
				stop := other != ""
				mu.Unlock()
				if stop || i >= len(n.jobs) {
					return
				}
				if what := n.jobs[i].changed(rewritten); what != "" {
					mu.Lock()
					other = what
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	if other == "" {
		other = n.sameRights(h)
	}
	return list, other
}

// changed looks at everything again, and names what is not as it was. rewritten
// is told of each plain file with another text, and says whether that may be.
func (j *job) changed(rewritten func(Rewritten) bool) string {
	d, err := openRootDir(j.dir)
	if err != nil {
		return j.dir
	}
	defer d.close()
	if !sameDir(j.seen, d.info) {
		return j.dir
	}
	for i, name := range j.names {
		now, err := d.look(name)
		switch was := j.infos[i]; {
		case err == nil && sameLook(was, watched{info: now}):
		case err == nil && onlyText(was.info, now) && rewritten(Rewritten{joinPath(j.dir, name), now}):
		default:
			return joinPath(j.dir, name)
		}
	}
	if j.settled && sameEntries(j.seen, d.info) {
		return ""
	}
	for _, name := range j.absent {
		if now, err := d.look(name); err != nil || now.Exists() {
			return joinPath(j.dir, name)
		}
	}
	if j.listed {
		names, err := d.list()
		if err != nil || digestNames(names) != j.list {
			return j.dir
		}
	}
	return ""
}

// onlyText tells whether two looks at a plain file differ in size and times alone.
func onlyText(was, now Info) bool {
	was.Size, was.Blocks, was.Mtime, was.Ctime = now.Size, now.Blocks, now.Mtime, now.Ctime
	return was.Kind == RegularFile && bare(was) == bare(now)
}

// Renew takes a file as it is now into the notes. false: they have no such file.
func (n *Notes) Renew(r Rewritten) bool {
	for _, j := range n.jobs {
		dir, name := splitPath(r.Path)
		if j.dir != dir {
			continue
		}
		for i := range j.names {
			if j.names[i] == name {
				j.infos[i].info = bare(r.Now)
				return true
			}
		}
	}
	return false
}
