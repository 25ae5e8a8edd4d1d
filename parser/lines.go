package parser

import (
	"sort"
	"strings"
)

// lineBlock is the distance of the entries of a lineIndex, in bytes.
const lineBlock = 1024

// lineIndex finds the lines of a text. It has an entry for each block of the
// text and none for each line, so that a text of line ends only takes no more
// memory than another, and a line of many megabytes no more time.
type lineIndex struct {
	text   string
	blocks []blockStart
}

// blockStart says how many line ends stand before a block, and where the line
// begins in which the block begins.
type blockStart struct{ before, line int32 }

func newLineIndex(text string) *lineIndex {
	x := &lineIndex{text: text, blocks: make([]blockStart, 0, len(text)/lineBlock+1)}
	var at blockStart
	for i := 0; i == 0 || i < len(text); i += lineBlock {
		x.blocks = append(x.blocks, at)
		block := x.block(i / lineBlock)
		if n := strings.LastIndexByte(block, '\n'); n >= 0 {
			at.before += int32(strings.Count(block, "\n"))
			at.line = int32(i + n + 1)
		}
	}
	return x
}

// block gives the text of the n-th block.
func (x *lineIndex) block(n int) string {
	return x.text[n*lineBlock : min(len(x.text), (n+1)*lineBlock)]
}

// position gives the line and column of an offset, both from 1. An offset
// outside the text is taken for its nearest end.
func (x *lineIndex) position(offset int) (line, column int) {
	offset = min(max(offset, 0), len(x.text))
	n := min(offset/lineBlock, len(x.blocks)-1)
	before := x.text[n*lineBlock : offset]
	line, start := int(x.blocks[n].before)+1, int(x.blocks[n].line)
	if i := strings.LastIndexByte(before, '\n'); i >= 0 {
		line += strings.Count(before, "\n")
		start = n*lineBlock + i + 1
	}
	return line, offset - start + 1
}

// bounds gives where a line begins and ends, without its '\n'; false when the
// text has no such line.
func (x *lineIndex) bounds(line int) (start, end int, ok bool) {
	if line < 1 {
		return 0, 0, false
	}
	if line > 1 {
		if start = x.lineEnd(line-1) + 1; start == 0 {
			return 0, 0, false
		}
	}
	if end = x.lineEnd(line); end < 0 {
		end = len(x.text)
	}
	return start, end, true
}

// lineEnd gives the offset of the n-th '\n' of the text, from 1; -1 when there
// are fewer.
func (x *lineIndex) lineEnd(n int) int {
	b := sort.Search(len(x.blocks), func(i int) bool { return int(x.blocks[i].before) >= n }) - 1
	n -= int(x.blocks[b].before)
	block := x.block(b)
	for i := 0; ; i++ {
		at := strings.IndexByte(block[i:], '\n')
		if at < 0 {
			return -1
		}
		i += at
		if n--; n == 0 {
			return b*lineBlock + i
		}
	}
}
