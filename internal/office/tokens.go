package office

import (
	"context"

	"fieldgate/internal/contact"
	"fieldgate/internal/postgres"
	"fieldgate/internal/staff"
	"fieldgate/internal/token"
)

// CreateToken makes a token of the API, whose secret is returned this once; ""
// for the same form again.
func (s *Service) CreateToken(ctx context.Context, by staff.Viewer, n token.New) (id int64, secret string, err error) {
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		made, text, _, err := token.Create(ctx, tx, by.Actor(), n)
		if err != nil {
			return err
		}
		id, secret = made, text
		return by.CheckProof()
	})
	return id, secret, err
}

// EditToken changes what a token may do, shown as version.
func (s *Service) EditToken(ctx context.Context, by staff.Viewer, id, version int64, d token.Details) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		if err := token.Edit(ctx, tx, by.Actor(), id, version, d); err != nil {
			return err
		}
		return by.CheckProof()
	})
}

// EndToken lets nobody in with a token any more. It needs no proof: whoever has
// to do it should not be held up.
func (s *Service) EndToken(ctx context.Context, by staff.Viewer, id int64) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error { return token.End(ctx, tx, by.Actor(), id) })
}

// EndContactKey ends a key that a contact has made.
func (s *Service) EndContactKey(ctx context.Context, by staff.Viewer, number string, id, key int64) (contact.Row, error) {
	return s.changeContact(ctx, number, id, func(tx postgres.Tx, c contact.Row) error {
		return token.EndKey(ctx, tx, by.Actor(), c.CustomerID, c.ID, key)
	})
}
