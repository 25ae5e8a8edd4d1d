package jail

import (
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Bounds on what is believed of an ELF file. Real files stay far below.
const (
	maxProgramHeaders = 512
	maxDynamicBytes   = 1 << 20
	maxNeeded         = 2048
	maxELFString      = 4096
)

// elfABI is what two objects must have in common to be loaded together.
type elfABI struct {
	class   elf.Class
	data    elf.Data
	machine elf.Machine
}

// elfObject is what the run-time loader would take from a file. Only program
// headers count, as for the loader: section headers may be missing or lie.
type elfObject struct {
	abi     elfABI
	interp  string
	dynamic bool
	needed  []string
	soname  string
	rpath   string
	runpath string
}

var errNotELF = errors.New("it is not a program or library in ELF form")

func brokenELF(format string, args ...any) error {
	return errors.New("its ELF header is damaged: " + fmt.Sprintf(format, args...))
}

// segment is one program header, of either class.
type segment struct {
	kind                         elf.ProgType
	offset, vaddr, filesz, align uint64
}

// readELF reads headers and dynamic section; nothing is executed, and no size in
// the file is believed without a bound.
func readELF(r io.ReaderAt) (*elfObject, error) {
	var ident [elf.EI_NIDENT]byte
	if err := readAt(r, ident[:], 0); err != nil || string(ident[:4]) != elf.ELFMAG {
		return nil, errNotELF
	}
	o := &elfObject{abi: elfABI{class: elf.Class(ident[elf.EI_CLASS]), data: elf.Data(ident[elf.EI_DATA])}}
	var order binary.ByteOrder
	switch o.abi.data {
	case elf.ELFDATA2LSB:
		order = binary.LittleEndian
	case elf.ELFDATA2MSB:
		order = binary.BigEndian
	default:
		return nil, brokenELF("unknown byte order")
	}
	segments, err := o.readSegments(r, order)
	if err != nil {
		return nil, err
	}
	for _, s := range segments {
		switch s.kind {
		case elf.PT_INTERP:
			if o.interp, err = elfString(r, s.offset, s.filesz); err != nil {
				return nil, err
			}
		case elf.PT_DYNAMIC:
			o.dynamic = true
			if err := o.readDynamic(r, order, s, segments); err != nil {
				return nil, err
			}
		}
	}
	return o, nil
}

// readSegments reads the file header and the table of program headers.
func (o *elfObject) readSegments(r io.ReaderAt, order binary.ByteOrder) ([]segment, error) {
	var kind, count, width uint16
	var offset uint64
	switch o.abi.class {
	case elf.ELFCLASS64:
		var h elf.Header64
		if err := decodeAt(r, order, 0, &h); err != nil {
			return nil, err
		}
		kind, count, width, offset = h.Type, h.Phnum, h.Phentsize, h.Phoff
		o.abi.machine = elf.Machine(h.Machine)
	case elf.ELFCLASS32:
		var h elf.Header32
		if err := decodeAt(r, order, 0, &h); err != nil {
			return nil, err
		}
		kind, count, width, offset = h.Type, h.Phnum, h.Phentsize, uint64(h.Phoff)
		o.abi.machine = elf.Machine(h.Machine)
	default:
		return nil, brokenELF("unknown word size")
	}
	if t := elf.Type(kind); t != elf.ET_EXEC && t != elf.ET_DYN {
		return nil, errors.New("it is an ELF file that cannot be loaded (an object file or a core dump)")
	}
	if count > maxProgramHeaders {
		return nil, brokenELF("%d program headers", count)
	}
	var all []segment
	for i := range uint64(count) {
		s, err := o.readSegment(r, order, offset+i*uint64(width))
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

func (o *elfObject) readSegment(r io.ReaderAt, order binary.ByteOrder, at uint64) (segment, error) {
	if o.abi.class == elf.ELFCLASS64 {
		var p elf.Prog64
		err := decodeAt(r, order, at, &p)
		return segment{elf.ProgType(p.Type), p.Off, p.Vaddr, p.Filesz, p.Align}, err
	}
	var p elf.Prog32
	err := decodeAt(r, order, at, &p)
	return segment{elf.ProgType(p.Type), uint64(p.Off), uint64(p.Vaddr), uint64(p.Filesz), uint64(p.Align)}, err
}

// readDynamic reads the dynamic section: names are offsets into a string table
// whose address is translated by the loadable segments.
func (o *elfObject) readDynamic(r io.ReaderAt, order binary.ByteOrder, s segment, segments []segment) error {
	if s.filesz > maxDynamicBytes {
		return brokenELF("a dynamic section of %d bytes", s.filesz)
	}
	data := make([]byte, s.filesz)
	if err := readAt(r, data, s.offset); err != nil {
		return brokenELF("the dynamic section lies outside the file")
	}
	var table, size uint64
	var needed []uint64
	names := map[elf.DynTag]uint64{}
	for tag, value := range o.dynamicEntries(data, order) {
		switch tag {
		case elf.DT_STRTAB:
			table = value
		case elf.DT_STRSZ:
			size = value
		case elf.DT_NEEDED:
			needed = append(needed, value)
		case elf.DT_SONAME, elf.DT_RPATH, elf.DT_RUNPATH:
			names[tag] = value
		}
	}
	if len(needed) > maxNeeded {
		return brokenELF("%d libraries", len(needed))
	}
	if len(needed) == 0 && len(names) == 0 {
		return nil
	}
	at, ok := fileOffset(segments, table)
	if !ok {
		return brokenELF("the string table lies in no segment")
	}
	text := func(offset uint64) (string, error) {
		if offset >= size {
			return "", brokenELF("a name lies outside the string table")
		}
		return elfString(r, at+offset, size-offset)
	}
	for _, n := range needed {
		name, err := text(n)
		if err != nil {
			return err
		}
		o.needed = append(o.needed, name)
	}
	for tag, target := range map[elf.DynTag]*string{elf.DT_SONAME: &o.soname, elf.DT_RPATH: &o.rpath, elf.DT_RUNPATH: &o.runpath} {
		offset, ok := names[tag]
		if !ok {
			continue
		}
		var err error
		if *target, err = text(offset); err != nil {
			return err
		}
	}
	return nil
}

// dynamicEntries walks the entries up to DT_NULL.
func (o *elfObject) dynamicEntries(data []byte, order binary.ByteOrder) func(yield func(elf.DynTag, uint64) bool) {
	return func(yield func(elf.DynTag, uint64) bool) {
		width := 8
		if o.abi.class == elf.ELFCLASS64 {
			width = 16
		}
		for ; len(data) >= width; data = data[width:] {
			var tag elf.DynTag
			var value uint64
			if width == 16 {
				tag, value = elf.DynTag(int64(order.Uint64(data))), order.Uint64(data[8:])
			} else {
				tag, value = elf.DynTag(int32(order.Uint32(data))), uint64(order.Uint32(data[4:]))
			}
			if tag == elf.DT_NULL || !yield(tag, value) {
				return
			}
		}
	}
}

// fileOffset translates an address into a place in the file.
func fileOffset(segments []segment, addr uint64) (uint64, bool) {
	for _, s := range segments {
		if s.kind == elf.PT_LOAD && addr >= s.vaddr && addr-s.vaddr < s.filesz {
			return s.offset + (addr - s.vaddr), true
		}
	}
	return 0, false
}

// elfString reads a text that ends with a NUL byte within limit bytes.
func elfString(r io.ReaderAt, at, limit uint64) (string, error) {
	buf := make([]byte, min(limit, maxELFString))
	n, err := readSome(r, buf, at)
	if err != nil && err != io.EOF {
		return "", err
	}
	for i, c := range buf[:n] {
		if c == 0 {
			return string(buf[:i]), nil
		}
	}
	return "", brokenELF("a name without end")
}

// decodeAt reads one structure of fixed size.
func decodeAt(r io.ReaderAt, order binary.ByteOrder, at uint64, into any) error {
	buf := make([]byte, binary.Size(into))
	if err := readAt(r, buf, at); err != nil {
		return brokenELF("it ends too early")
	}
	_, err := binary.Decode(buf, order, into)
	return err
}

// readAt fills buf or fails.
func readAt(r io.ReaderAt, buf []byte, at uint64) error {
	n, err := readSome(r, buf, at)
	if n == len(buf) {
		return nil
	}
	if err == nil {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// readSome reads what there is; offsets beyond any file are refused.
func readSome(r io.ReaderAt, buf []byte, at uint64) (int, error) {
	if at > 1<<62 {
		return 0, io.EOF
	}
	return r.ReadAt(buf, int64(at))
}
