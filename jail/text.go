package jail

import (
	"io"
	"strings"
)

// ReadText gives the text of a regular file as a string, read into its place
// once: a configuration of 100,000 zones has many megabytes. Units: at most
// 1 GiB. Errors: as ReadFile.
func (h *Host) ReadText(name string) (string, error) {
	f, info, err := h.open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	tooLarge := &Error{Code: "NJ509", Path: name, Message: "the file is too large to be read",
		Remedy: "Is it the right file? No configuration is that large."}
	if info.Size > maxRead {
		return "", tooLarge
	}
	var b strings.Builder
	b.Grow(int(info.Size))
	n, err := io.Copy(&b, io.LimitReader(f, maxRead+1))
	if err != nil {
		return "", pathError("read", name, err)
	}
	if n > maxRead {
		return "", tooLarge
	}
	return b.String(), nil
}
