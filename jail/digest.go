package jail

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
)

// A digest is the SHA-256 of a file's bytes, in hexadecimal.

func digestBytes(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// copyBytes copies the bytes that a file had when it was opened and gives their
// digest. A file that shrinks or grows meanwhile is an error.
func copyBytes(to io.Writer, from *os.File, info Info) (string, error) {
	if info.tooLarge() {
		return "", &Error{Code: "NJ509", Path: from.Name(), Message: "the file is too large to be copied, or made of holes",
			Remedy: "Is it the right file? Nothing that named needs is that large."}
	}
	sum := sha256.New()
	n, err := io.Copy(counter{io.MultiWriter(to, sum)}, io.LimitReader(from, info.Size+1))
	if err != nil {
		return "", err
	}
	if n != info.Size {
		return "", changedUnderUs(from.Name())
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// digestSpot reads the regular file that was found at a spot, and no other, and
// gives its digest.
func digestSpot(at spot) (string, error) {
	f, info, err := at.dir.openFile(at.name, at.info)
	if err != nil {
		return "", err
	}
	defer f.Close()
	return copyBytes(io.Discard, f, info)
}

// digestOpen reads an open file from its beginning.
func digestOpen(f *os.File) (string, error) {
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(f, 0, maxFile)); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
