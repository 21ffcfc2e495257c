package office

import (
	"context"

	"fieldgate/internal/contact"
	"fieldgate/internal/postgres"
	"fieldgate/internal/signin"
	"fieldgate/internal/staff"
)

// SetSignInRules says of whom a second factor is demanded, in so many days.
func (s *Service) SetSignInRules(ctx context.Context, by staff.Viewer, r signin.Rules, days int) error {
	return s.administer(ctx, by, func(tx postgres.Tx) error { return signin.SetRules(ctx, tx, by.Actor(), r, days) })
}

// TakeStaffFactor removes the second factor of a colleague who has lost it. They
// are told, signed out everywhere, and choose a new password by a link when
// theirs was too short to stand alone.
func (s *Service) TakeStaffFactor(ctx context.Context, by staff.Viewer, id int64) error {
	return s.administer(ctx, by, func(tx postgres.Tx) error {
		forgotten, err := signin.TakeStaffFactor(ctx, tx, by.Actor(), id)
		if err != nil {
			return err
		}
		if err := s.notify.FactorChanged(ctx, tx, 0, id, signin.FactorTaken, 0); err != nil || !forgotten {
			return err
		}
		link, err := signin.ResetStaff(ctx, tx, by.Actor(), id)
		if err != nil {
			return err
		}
		return s.notify.StaffReset(ctx, tx, link)
	})
}

// DisconnectStaff unties a colleague from the provider that they came by.
func (s *Service) DisconnectStaff(ctx context.Context, by staff.Viewer, id int64) error {
	return s.administer(ctx, by, func(tx postgres.Tx) error { return signin.DisconnectStaff(ctx, tx, by.Actor(), id) })
}

// DisconnectContact unties a contact from the company account that they came by.
func (s *Service) DisconnectContact(ctx context.Context, by staff.Viewer, number string, id int64) (c contact.Row, err error) {
	err = s.administer(ctx, by, func(tx postgres.Tx) error {
		if c, err = contact.LockRow(ctx, tx, number, id); err != nil {
			return err
		}
		return signin.DisconnectContact(ctx, tx, by.Actor(), c.Contact)
	})
	return c, err
}

// TakeContactFactor removes the second factor of the person that a contact is,
// after that person has reported it as lost from the sign-in page and shown that
// the address is theirs.
func (s *Service) TakeContactFactor(ctx context.Context, by staff.Viewer, number string, id int64) (contact.Row, error) {
	return s.changeContact(ctx, number, id, func(tx postgres.Tx, c contact.Row) error {
		if err := by.CheckProof(); err != nil {
			return err
		}
		who, err := signin.TakePersonFactor(ctx, tx, by.Actor(), c.ID)
		if err != nil {
			return err
		}
		return s.notify.FactorChanged(ctx, tx, who, 0, signin.FactorTaken, 0)
	})
}
