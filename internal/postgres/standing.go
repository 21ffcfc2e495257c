package postgres

import (
	"sync"
	"time"
)

// SnapshotSQL is an expression that names what a statement sees of the database: which
// transactions had ended when it began. Statements that see the same name see the same
// rows, since whatever writes is a transaction more.
const SnapshotSQL = "pg_current_snapshot()::text"

// standingLife bounds what a Standing may be wrong by where names come twice: on a
// machine that took over from another, and lacks what that had not sent it.
const standingLife = 5 * time.Second

// Stand is an answer of the database and the name of the snapshot in which it was given.
type Stand[T any] struct {
	Snapshot string
	Answer   T
}

// Standing keeps an answer of the database for as long as nobody writes anything: it
// is for what many requests ask alike. The zero value knows nothing yet.
type Standing[T any] struct {
	mu    sync.Mutex
	last  Stand[T]
	since time.Time
}

// Last is what is known. Its snapshot, of no database where nothing is, goes along with
// the next question, which need not be answered in the same one. The answer is shared:
// nobody may change it.
func (s *Standing[T]) Last() (last Stand[T]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Since(s.since) > standingLife {
		return last
	}
	return s.last
}

// Now is the answer after a question that went along with last: that one, or the one
// that was given in another snapshot, and is kept.
func (s *Standing[T]) Now(last, given Stand[T]) T {
	if given.Snapshot == last.Snapshot {
		return last.Answer
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last, s.since = given, time.Now()
	return given.Answer
}
