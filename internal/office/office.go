// Package office is what staff do. Each method of Service is one deed: who does
// it and what they typed go in, and in one transaction the noun writes, the
// audit trail gets its entry and whoever should know is told. A screen, an
// import and an API call are ways to call the same method.
package office

import (
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/calendar"
	"fieldgate/internal/day"
	"fieldgate/internal/notify"
	"fieldgate/internal/outbound"
	"fieldgate/internal/password"
	"fieldgate/internal/queue"
	"fieldgate/internal/staff"
	"fieldgate/internal/storage"
)

// Service does what staff ask for.
type Service struct {
	// Webhooks says which private networks webhooks may lead to.
	Webhooks  outbound.Guard
	Calendars calendar.Feeds

	pool   *pgxpool.Pool
	notify *notify.Notifier
	store  *storage.Store
	queue  *queue.Client
	hasher *password.Hasher
	worker notify.Worker // for test emails, which somebody waits for

	// ImportsItself says that whoever begins an import also works on it, as the
	// command does: it is not for the queue.
	ImportsItself bool
}

// New is a Service on the program's pool.
func New(pool *pgxpool.Pool, notifier *notify.Notifier, store *storage.Store, q *queue.Client, hasher *password.Hasher, worker notify.Worker) *Service {
	return &Service{pool: pool, notify: notifier, store: store, queue: q, hasher: hasher, worker: worker}
}

// today is the business's calendar day.
func today(by staff.Viewer) day.Day { return by.Format.Today() }
