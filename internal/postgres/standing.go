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

// Standing keeps an answer of the database for as long as nobody writes anything. It
// is for what many requests ask alike, and is worth a statement of its own when
// somebody has. The zero value knows nothing yet.
type Standing[T any] struct {
	mu       sync.Mutex
	snapshot string
	since    time.Time
	answer   T
}

// Of is the answer as it stands in a snapshot, if it is known. It is shared: nobody
// may change it.
func (s *Standing[T]) Of(snapshot string) (answer T, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.snapshot == "" || s.snapshot != snapshot || time.Since(s.since) > standingLife {
		return answer, false
	}
	return s.answer, true
}

// Keep takes an answer that was read in a snapshot.
func (s *Standing[T]) Keep(snapshot string, answer T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.snapshot, s.since, s.answer = snapshot, time.Now(), answer
}
