package webhook_test

import (
	"testing"

	"fieldgate/internal/audit"
	"fieldgate/internal/dbtest"
	"fieldgate/internal/postgres"
	"fieldgate/internal/secret"
	"fieldgate/internal/webhook"
)

// TestSecretsAreSealedAnew: with another key of the program, both secrets of a
// webhook are sealed with it, once; without the old one nobody reads them.
func TestSecretsAreSealedAnew(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), dbtest.New(t)
	const old, present = "the key that was used before this one", "another key of at least 32 characters"
	box := func(keys ...string) *secret.Box {
		b, err := secret.NewBox(keys[0], keys[1:]...)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	err := postgres.Transact(ctx, db, func(tx postgres.Tx) error {
		k := webhook.Keeper{Box: box(old)}
		id, _, _, err := k.Create(ctx, tx, audit.Actor{}, webhook.New{Details: webhook.Details{Name: "x", Address: "https://x.example.com/"}})
		if err == nil {
			_, err = k.Rotate(ctx, tx, audit.Actor{}, id, 1)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name               string
		box                *secret.Box
		sealed, unreadable int
	}{
		{"without the old key", box(present), 0, 2},
		{"with both", box(present, old), 2, 0},
		{"once more", box(present, old), 0, 0},
		{"without the old key, afterwards", box(present), 0, 0},
	} {
		err := postgres.Transact(ctx, db, func(tx postgres.Tx) error {
			sealed, unreadable, err := webhook.RotateSealed(ctx, tx, tt.box)
			if sealed != tt.sealed || unreadable != tt.unreadable {
				t.Errorf("%s: %d sealed, %d unreadable", tt.name, sealed, unreadable)
			}
			return err
		})
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}
