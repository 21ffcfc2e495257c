// Package blob keeps files: in a folder, or in a bucket of any store that
// speaks S3. It knows keys and bytes; names, types and rights are the business
// of whoever holds the key.
package blob

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// ErrNotFound says that nothing is kept under the key.
var ErrNotFound = errors.New("no such file in the store")

// Store keeps files under keys made by NewKey. A key of another form is never
// found, and nothing can be put under it. What hinders it is a Trouble.
type Store interface {
	// Put keeps exactly size bytes of r, or nothing at all: a reader that ends
	// early or goes on is an error. It replaces what the key held.
	Put(ctx context.Context, key string, r io.Reader, size int64, contentType string) error
	// Open returns the file, to be closed by the caller, or ErrNotFound. The file
	// may be read while ctx lives and can be given to http.ServeContent.
	Open(ctx context.Context, key string) (File, error)
	// Delete removes the file. It is no error if there is none.
	Delete(ctx context.Context, key string) error
	// List goes through all files in no particular order, for finding those that
	// nothing refers to. An error ends it.
	List(ctx context.Context) iter.Seq2[Info, error]
	// Ping tells whether the store can be reached and, for a folder, written to. A
	// folder that was away and is back at its place is taken up again.
	Ping(ctx context.Context) error
	// Unfinished goes through what uploads that were broken off have left before
	// the time, and removes it if so told. It returns how many there were.
	Unfinished(ctx context.Context, before time.Time, remove bool) (int, error)
}

// Info is what a store knows of a file.
type Info struct {
	Key      string
	Size     int64
	Modified time.Time
}

// File is an open file.
type File struct {
	io.ReadSeekCloser
	Info
}

// NewKey returns a key that nobody can guess and no other file has.
func NewKey() string {
	return strings.ToLower(rand.Text())
}

// keyForm is what rand.Text returns, in lower case so that it is the same on
// file systems that do not tell cases apart.
var keyForm = regexp.MustCompile(`^[a-z2-7]{26}$`)

var errKey = errors.New("not a key of this store")

// New opens the store that FIELDGATE_STORAGE names:
//
//	file:///var/lib/fieldgate/files
//	s3://access-key:secret@host:port/bucket?region=…&insecure=true
//
// The folder is made if it is missing; the bucket must exist. Without keys in
// the address those of the environment are used (AWS_ACCESS_KEY_ID and
// AWS_SECRET_ACCESS_KEY). Errors never show the address, since it holds a secret.
func New(address string) (Store, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("storage: not an address of the form file:///folder or s3://host/bucket")
	}
	switch u.Scheme {
	case "file":
		if u.Host != "" || !filepath.IsAbs(u.Path) {
			return nil, errors.New("storage: write file:// and then the folder's full path, like file:///var/lib/fieldgate/files")
		}
		return newFolder(filepath.Clean(u.Path))
	case "s3":
		return newBucket(u)
	}
	return nil, errors.New("storage: the address must begin with file:// or s3://")
}

// exactly passes on size bytes and fails if there are fewer or more.
func exactly(r io.Reader, size int64) io.Reader {
	return &exactReader{r: r, left: size}
}

type exactReader struct {
	r      io.Reader
	left   int64
	failed error // the reader's own failure: no fault of the store
}

func (e *exactReader) Read(p []byte) (int, error) {
	n, err := e.read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		e.failed = err
	}
	return n, err
}

func (e *exactReader) read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if e.left > 0 {
		n, err := e.r.Read(p[:min(int64(len(p)), e.left)])
		e.left -= int64(n)
		switch {
		case err == io.EOF && e.left > 0:
			return n, fmt.Errorf("%d bytes fewer than announced: %w", e.left, io.ErrUnexpectedEOF)
		case err != nil && err != io.EOF:
			return n, err
		case e.left > 0:
			return n, nil
		}
		// The last bytes go out only together with the certainty that they are the
		// last: whoever reads no further than size must not miss the error.
		if err := e.end(); err != nil {
			return 0, err
		}
		return n, nil
	}
	if err := e.end(); err != nil {
		return 0, err
	}
	return 0, io.EOF
}

func (e *exactReader) end() error {
	var one [1]byte
	for range 100 { // a reader may return nothing now and then
		n, err := e.r.Read(one[:])
		switch {
		case n > 0:
			return errors.New("more bytes than announced")
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
	}
	return io.ErrNoProgress
}
