package office

import (
	"context"

	"fieldgate/internal/postgres"
	"fieldgate/internal/staff"
	"fieldgate/internal/webhook"
)

// keeper keeps webhooks.
func (s *Service) keeper() webhook.Keeper {
	return webhook.Keeper{Box: s.worker.Box, Allowed: s.Webhooks.Allowed}
}

// CreateWebhook makes a webhook and returns its secret, to be shown once. A form
// sent twice makes one. A webhook hears what customers do, so each deed about one
// asks for a fresh proof.
func (s *Service) CreateWebhook(ctx context.Context, by staff.Viewer, n webhook.New) (id int64, secret string, err error) {
	err = s.administer(ctx, by, func(tx postgres.Tx) error {
		id, _, secret, err = s.keeper().Create(ctx, tx, by.Actor(), n)
		return err
	})
	return id, secret, err
}

// EditWebhook changes a webhook, shown as version.
func (s *Service) EditWebhook(ctx context.Context, by staff.Viewer, id, version int64, d webhook.Details) error {
	return s.administer(ctx, by, func(tx postgres.Tx) error { return s.keeper().Edit(ctx, tx, by.Actor(), id, version, d) })
}

// RotateWebhookSecret makes a new secret, to be shown once. The present one signs
// beside it until it is ended.
func (s *Service) RotateWebhookSecret(ctx context.Context, by staff.Viewer, id, version int64) (secret string, err error) {
	err = s.administer(ctx, by, func(tx postgres.Tx) error {
		secret, err = s.keeper().Rotate(ctx, tx, by.Actor(), id, version)
		return err
	})
	return secret, err
}

// EndOldWebhookSecret lets the new secret alone sign.
func (s *Service) EndOldWebhookSecret(ctx context.Context, by staff.Viewer, id int64) error {
	return s.administer(ctx, by, func(tx postgres.Tx) error { return webhook.EndOldSecret(ctx, tx, by.Actor(), id) })
}

// SwitchWebhookOff stops sending.
func (s *Service) SwitchWebhookOff(ctx context.Context, by staff.Viewer, id int64) error {
	return s.administer(ctx, by, func(tx postgres.Tx) error { return webhook.SwitchOff(ctx, tx, by.Actor(), id) })
}

// SwitchWebhookOn sends again: with what happened in the meantime, or without.
func (s *Service) SwitchWebhookOn(ctx context.Context, by staff.Viewer, id int64, meantime bool) error {
	return s.administer(ctx, by, func(tx postgres.Tx) error { return webhook.SwitchOn(ctx, tx, by.Actor(), id, meantime) })
}

// RemoveWebhook ends a webhook for good.
func (s *Service) RemoveWebhook(ctx context.Context, by staff.Viewer, id int64) error {
	return s.administer(ctx, by, func(tx postgres.Tx) error { return webhook.Remove(ctx, tx, by.Actor(), id) })
}

// TestWebhook sends a test, which tells of nobody.
func (s *Service) TestWebhook(ctx context.Context, by staff.Viewer, id int64, nonce string) (delivery int64, err error) {
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		delivery, err = webhook.Test(ctx, tx, by.Actor(), id, nonce)
		return err
	})
	return delivery, err
}

// SendWebhookAgain sends an event to a webhook once more.
func (s *Service) SendWebhookAgain(ctx context.Context, by staff.Viewer, id, delivery int64, nonce string) (fresh int64, err error) {
	err = s.administer(ctx, by, func(tx postgres.Tx) error {
		fresh, err = webhook.SendAgain(ctx, tx, by.Actor(), id, delivery, nonce)
		return err
	})
	return fresh, err
}
