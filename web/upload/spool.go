package upload

import (
	"io"
	"sync"
	"time"

	"fieldgate/internal/apperr"
)

// maxSpooled is how much of forms under way may lie in the folder for temporary
// files, in bytes. One member of staff has the largest form of it.
const maxSpooled = 4 << 30

// spooled are the files of all forms under way in this program.
var spooled = &spool{most: maxSpooled, mostOfStaff: maxForm, by: map[Sender]int64{}}

// Sender is a member of staff who sends a form, a token of the API, or else the customer whose
// people do: these have one part together, however many they are.
type Sender struct{ Staff, Customer, Token int64 }

type spool struct {
	most, mostOfStaff int64

	mu             sync.Mutex
	all, customers int64 // of everybody, and of customers
	by             map[Sender]int64
}

// take counts bytes of the sender's. A customer has a quarter of the whole at
// most, and all customers leave a quarter to the office.
func (s *spool) take(sender Sender, n int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	mine, ofCustomers := s.mostOfStaff, int64(0)
	if sender.Staff == 0 && sender.Token == 0 {
		mine, ofCustomers = s.most/4, n
	}
	switch {
	case s.by[sender]+n > mine:
		return apperr.TooMany{Words: "You are sending many files at once. Wait until the others have arrived, then send these.", Wait: time.Minute}
	case s.all+n > s.most, s.customers+ofCustomers > s.most/4*3:
		return apperr.TooMany{Words: "Many files are arriving right now. Try again in a minute.", Wait: time.Minute}
	}
	s.all += n
	s.customers += ofCustomers
	s.by[sender] += n
	return nil
}

func (s *spool) giveBack(sender Sender, n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all -= n
	if sender.Staff == 0 && sender.Token == 0 {
		s.customers -= n
	}
	if s.by[sender] -= n; s.by[sender] <= 0 {
		delete(s.by, sender)
	}
}

// share is what one form has of the spool.
type share struct {
	of     *spool
	sender Sender
	bytes  int64
}

func (s *share) giveBack() { s.less(s.bytes) }

func (s *share) less(n int64) {
	s.of.giveBack(s.sender, n)
	s.bytes -= n
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
