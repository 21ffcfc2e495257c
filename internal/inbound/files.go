package inbound

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"fieldgate/internal/attachment"
	"fieldgate/internal/imaging"
)

// memory is a file that lies in memory.
type memory []byte

// WriteAt overwrites a part of it.
func (m memory) WriteAt(p []byte, at int64) (int, error) {
	if at < 0 || at > int64(len(m)) {
		return 0, io.ErrShortWrite
	}
	return copy(m[at:], p), nil
}

// Judge looks at the files of an email as at uploads: it returns those that are
// taken, and notes of the others why they are not.
func Judge(files []File) (taken []attachment.Incoming, err error) {
	for i := range files {
		f := &files[i]
		f.Name = attachment.SafeName(f.Name)
		if f.Refused != "" {
			continue
		}
		seen, err := imaging.Inspect(bytes.NewReader(f.Data), int64(len(f.Data)), f.Name)
		if refused, ok := errors.AsType[imaging.Refused](err); ok {
			f.Refused = refused.Reason
			continue
		}
		if err == nil {
			err = imaging.Blank(memory(f.Data), seen.Places)
		}
		if err != nil {
			return nil, fmt.Errorf("look at a file of an email: %w", err)
		}
		taken = append(taken, attachment.Incoming{Name: f.Name, Type: seen.Type, Size: int64(len(f.Data)), Taken: seen.Taken, Content: bytes.NewReader(f.Data)})
	}
	return taken, nil
}
