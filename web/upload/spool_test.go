package upload

import (
	"errors"
	"io"
	"strings"
	"testing"

	"fieldgate/internal/apperr"
)

// TestHowMuchLiesAround: files under way are bounded, for each sender and for
// all, and what is done with is given back.
func TestHowMuchLiesAround(t *testing.T) {
	t.Parallel()
	s := &spool{most: 100, mostOfSender: 60, by: map[string]int64{}}
	send := func(f *share, bytes int) error {
		_, err := io.Copy(f.writer(io.Discard), strings.NewReader(strings.Repeat("x", bytes)))
		return err
	}
	lee, again, kim, ola := &share{of: s, sender: "lee"}, &share{of: s, sender: "lee"}, &share{of: s, sender: "kim"}, &share{of: s, sender: "ola"}
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
