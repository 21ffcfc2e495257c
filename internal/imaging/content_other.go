//go:build !unix

package imaging

import "io"

// withContent shows do what r holds.
func withContent(r io.ReaderAt, size int64, do func([]byte) error) error {
	return withCopy(r, size, do)
}
