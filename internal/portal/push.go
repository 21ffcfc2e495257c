package portal

import (
	"context"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/person"
	"fieldgate/internal/postgres"
	"fieldgate/internal/push"
)

// Waiting is how much waits for the viewer's person, over all their customers:
// what the navigation counts of each. It is the number on the app's icon.
func (r *Reader) Waiting(ctx context.Context, v Viewer) (waiting int, err error) {
	e, err := r.Everywhere(ctx, v, 0)
	if err != nil {
		return 0, err
	}
	for i := range e.Viewers {
		e.Viewers[i].News = &News{}
	}
	err = r.everywhere(ctx, e, func(b *postgres.Batch, v Viewer, _ int) { queryNews(b, v) })
	for _, c := range e.Viewers {
		waiting += c.News.Jobs + c.News.Quotes
	}
	return waiting, err
}

// WaitingFor is Waiting for a person who is not here.
func (r *Reader) WaitingFor(ctx context.Context, who int64) (int, error) {
	b, err := ReadBusiness(ctx, r.db)
	if err != nil {
		return 0, err
	}
	return r.Waiting(ctx, Viewer{Person: who, Business: b})
}

// Devices are those on which the viewer's person gets notifications; on is false
// when the business has switched them off.
func (r *Reader) Devices(ctx context.Context, v Viewer) (devices []push.Device, on bool, err error) {
	if v.Person != 0 {
		if devices, err = push.Devices(ctx, r.db, v.Person); err != nil {
			return nil, false, err
		}
	}
	err = postgres.Read(ctx, r.db, func(b *postgres.Batch) { postgres.QueryValue(b, &on, `select push from portal_settings`, nil) })
	return devices, on, err //nolint:wrapcheck // it is ours
}

// TurnOnNotifications lets a browser show the notifications of the viewer's
// person, of all their customers.
func (d *Service) TurnOnNotifications(ctx context.Context, v Viewer, n push.New) error {
	n.Person, n.Session = v.Person, v.Session
	return d.ofPerson(ctx, v, audit.PersonTurnedOnNotifications, func(tx postgres.Tx) (browser string, done bool, err error) {
		var on bool
		err = postgres.Read(ctx, tx, func(b *postgres.Batch) { postgres.QueryValue(b, &on, `select push from portal_settings`, nil) })
		if err != nil {
			return "", false, err //nolint:wrapcheck // it is ours
		}
		if !on {
			return "", false, apperr.Conflictf("%s does not send notifications to phones at present.", v.Business.Name)
		}
		done, err = push.TurnOn(ctx, tx, n)
		return n.Browser, done, err
	})
}

// TurnOffNotifications ends them on one of the person's devices.
func (d *Service) TurnOffNotifications(ctx context.Context, v Viewer, device int64) error {
	return d.ofPerson(ctx, v, audit.PersonTurnedOffNotifications, func(tx postgres.Tx) (browser string, done bool, err error) {
		browser, err = push.TurnOff(ctx, tx, v.Person, device)
		return browser, err == nil, err
	})
}

// ofPerson does something to a device of the person who looks, and writes it down.
func (d *Service) ofPerson(ctx context.Context, v Viewer, what audit.Action, do func(postgres.Tx) (browser string, done bool, err error)) error {
	return d.transact(ctx, v, func(Viewer) bool { return true }, func(tx postgres.Tx, now Viewer) error {
		browser, done, err := do(tx)
		if err != nil || !done {
			return err
		}
		p, err := person.Find(ctx, tx, now.Person)
		if err != nil {
			return err
		}
		n := audit.New{Action: what, ID: p.ID, Label: p.Email}
		if what == audit.PersonTurnedOnNotifications {
			n.After = map[string]any{"browser": browser}
		} else {
			n.Before = map[string]any{"browser": browser}
		}
		return audit.Record(ctx, tx, now.Actor(), n)
	})
}
