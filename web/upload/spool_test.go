package upload

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"fieldgate/internal/apperr"
	"fieldgate/internal/attachment"
)

// TestHowMuchLiesAround: files under way are bounded, for each sender and for
// all, and what is done with is given back.
func TestHowMuchLiesAround(t *testing.T) {
	t.Parallel()
	s := &spool{most: 100, mostOfStaff: 60, by: map[Sender]int64{}}
	send := func(f *share, bytes int) error {
		_, err := io.Copy(f.writer(io.Discard), strings.NewReader(strings.Repeat("x", bytes)))
		return err
	}
	lee, again, kim, ola := &share{of: s, sender: Sender{Staff: 1}}, &share{of: s, sender: Sender{Staff: 1}}, &share{of: s, sender: Sender{Staff: 2}}, &share{of: s, sender: Sender{Staff: 3}}
	for _, tt := range []struct {
		name  string
		form  *share
		bytes int
		taken bool
	}{
		{"a form", lee, 40, true},
		{"another of the same sender", again, 21, false},
		{"a smaller one", again, 20, true},
		{"of somebody else", kim, 40, true},
		{"when all is full", ola, 1, false},
	} {
		_, over := errors.AsType[apperr.TooMany](send(tt.form, tt.bytes))
		if over == tt.taken {
			t.Errorf("%s: refused %v", tt.name, over)
		}
	}
	for _, f := range []*share{lee, again, kim, ola} {
		f.giveBack()
		f.giveBack() // a form is closed more than once
	}
	if s.all != 0 || len(s.by) != 0 {
		t.Errorf("%d bytes of %v stay", s.all, s.by)
	}
}

// TestCustomersLeaveRoom: the people of one customer have a quarter together,
// and all customers leave one to the office.
func TestCustomersLeaveRoom(t *testing.T) {
	t.Parallel()
	s := &spool{most: 400, mostOfStaff: 60, by: map[Sender]int64{}}
	for _, tt := range []struct {
		name  string
		who   Sender
		bytes int64
		taken bool
	}{
		{"a contact", Sender{Customer: 1}, 70, true},
		{"a colleague", Sender{Customer: 1}, 31, false},
		{"a colleague's smaller form", Sender{Customer: 1}, 30, true},
		{"a second customer", Sender{Customer: 2}, 100, true},
		{"a third", Sender{Customer: 3}, 100, true},
		{"a fourth", Sender{Customer: 4}, 1, false},
		{"the office", Sender{Staff: 1}, 60, true},
	} {
		if err := s.take(tt.who, tt.bytes); (err == nil) != tt.taken {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	for who, n := range s.by {
		s.giveBack(who, n)
	}
	if s.all != 0 || s.customers != 0 || len(s.by) != 0 {
		t.Errorf("%d bytes, %d of customers, of %v stay", s.all, s.customers, s.by)
	}
}

// TestRefusedFilesLieNowhere: also while what follows has not arrived.
func TestRefusedFilesLieNowhere(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]io.Reader{
		"empty.txt": strings.NewReader(""),
		"run.exe":   strings.NewReader("MZ\x90\x00"),
		"big.csv":   io.LimitReader(endless{}, attachment.MaxSize+1),
	} {
		s := &spool{most: 1 << 30, mostOfStaff: 1 << 30, by: map[Sender]int64{}}
		f := &Form{spooled: share{of: s, sender: Sender{Staff: 1}}}
		lies := int64(-1)
		rest := io.MultiReader(content, reader(func([]byte) (int, error) { lies = s.all; return 0, io.EOF }))
		if err := f.file(rest, name); err != nil || len(f.Refused) != 1 {
			t.Errorf("%s: %v, refused %v", name, err, f.Refused)
		}
		if name == "big.csv" && lies != 0 {
			t.Errorf("%s: %d bytes lie around while the rest is read", name, lies)
		}
		if s.all != 0 || f.spooled.bytes != 0 || len(f.open) != 0 {
			t.Errorf("%s: %d bytes in %d files lie around", name, s.all, len(f.open))
		}
		f.Close()
	}
}

type reader func([]byte) (int, error)

func (r reader) Read(p []byte) (int, error) { return r(p) }

type endless struct{}

func (endless) Read(p []byte) (int, error) { return copy(p, bytes.Repeat([]byte("x"), len(p))), nil }
