// Package office is what staff do. Each method of Service is one deed: who does
// it and what they typed go in, and in one transaction the noun writes, the
// audit trail gets its entry and whoever should know is told. A screen, an
// import and an API call are ways to call the same method.
package office

import (
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/blob"
	"fieldgate/internal/notify"
	"fieldgate/internal/password"
	"fieldgate/internal/queue"
)

// Service does what staff ask for.
type Service struct {
	pool   *pgxpool.Pool
	notify *notify.Notifier
	store  blob.Store
	queue  *queue.Client
	hasher *password.Hasher
}

// New is a Service on the program's pool.
func New(pool *pgxpool.Pool, notifier *notify.Notifier, store blob.Store, q *queue.Client, hasher *password.Hasher) *Service {
	return &Service{pool: pool, notify: notifier, store: store, queue: q, hasher: hasher}
}
