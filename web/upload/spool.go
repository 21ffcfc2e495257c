package upload

import (
	"io"
	"sync"
	"time"

	"fieldgate/internal/apperr"
)

// How much of forms under way may lie in the folder for temporary files, in
// bytes: of all, and of one sender. The largest form fits.
const (
	maxSpooled       = 4 << 30
	maxSpooledSender = maxForm
)

// spooled are the files of all forms under way in this program.
var spooled = &spool{most: maxSpooled, mostOfSender: maxSpooledSender, by: map[string]int64{}}

type spool struct {
	most, mostOfSender int64

	mu  sync.Mutex
	all int64
	by  map[string]int64
}

func (s *spool) take(sender string, n int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.by[sender]+n > s.mostOfSender:
		return apperr.TooMany{Words: "You are sending a lot of files at once. Wait until the others have arrived, then send these.", Wait: time.Minute}
	case s.all+n > s.most:
		return apperr.TooMany{Words: "Very many files are arriving at the moment. Please try again in a minute.", Wait: time.Minute}
	}
	s.all += n
	s.by[sender] += n
	return nil
}

func (s *spool) giveBack(sender string, n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all -= n
	if s.by[sender] -= n; s.by[sender] <= 0 {
		delete(s.by, sender)
	}
}

// share is what one form has of the spool.
type share struct {
	of     *spool
	sender string
	bytes  int64
}

func (s *share) giveBack() {
	s.of.giveBack(s.sender, s.bytes)
	s.bytes = 0
}

// writer counts what is written to w, and ends when it is too much.
func (s *share) writer(w io.Writer) io.Writer { return counted{s, w} }

type counted struct {
	*share
	to io.Writer
}

func (c counted) Write(p []byte) (int, error) {
	if err := c.of.take(c.sender, int64(len(p))); err != nil {
		return 0, err
	}
	c.bytes += int64(len(p))
	return c.to.Write(p)
}
