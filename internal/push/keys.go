package push

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/postgres"
	"fieldgate/internal/secret"
)

// Keys are the portal's pair, by which push services know it (RFC 8292). They are
// made when they are needed first; the private one lies sealed in the database.
type Keys struct {
	Pool *pgxpool.Pool
	Box  *secret.Box
}

const keysContext = "push keys"

// Public is the key that browsers are given, as they take it.
func (k Keys) Public(ctx context.Context) (string, error) {
	pair, err := k.read(ctx)
	if err != nil {
		return "", err
	}
	return encoded(pair.public), nil
}

func encoded(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

type pair struct {
	public  []byte
	private *ecdsa.PrivateKey
}

// read returns the pair, and makes it when there is none: of two who do that at
// once one is first, and the other takes theirs.
func (k Keys) read(ctx context.Context) (pair, error) {
	public, sealed, err := k.stored(ctx)
	if errors.Is(err, pgx.ErrNoRows) {
		if err := k.make(ctx); err != nil {
			return pair{}, err
		}
		public, sealed, err = k.stored(ctx)
	}
	if err != nil {
		return pair{}, fmt.Errorf("read the keys of notifications: %w", err)
	}
	plain, err := k.Box.Open(sealed, keysContext)
	if err != nil {
		return pair{}, fmt.Errorf("open the keys of notifications: %w", err)
	}
	private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), plain)
	if err != nil {
		return pair{}, fmt.Errorf("read the keys of notifications: %w", err)
	}
	return pair{public, private}, nil
}

func (k Keys) stored(ctx context.Context) (public, sealed []byte, err error) {
	err = k.Pool.QueryRow(ctx, `select public_key, private_key from push_keys`).Scan(&public, &sealed)
	return public, sealed, err //nolint:wrapcheck // read wraps it
}

func (k Keys) make(ctx context.Context) error {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("make the keys of notifications: %w", err)
	}
	plain, err := private.Bytes()
	if err != nil {
		return fmt.Errorf("make the keys of notifications: %w", err)
	}
	public, err := private.PublicKey.Bytes()
	if err != nil {
		return fmt.Errorf("make the keys of notifications: %w", err)
	}
	_, err = k.Pool.Exec(ctx, `insert into push_keys (public_key, private_key) values (@public, @private) on conflict do nothing`,
		pgx.NamedArgs{"public": public, "private": k.Box.Seal(plain, keysContext)})
	if err != nil {
		return fmt.Errorf("keep the keys of notifications: %w", err)
	}
	return nil
}

// Rotate seals the private key with the present secret key: how many were sealed
// anew, and how many nobody can read any more.
func Rotate(ctx context.Context, tx postgres.Tx, box *secret.Box) (sealed, unreadable int, err error) {
	var was []byte
	err = tx.QueryRow(ctx, `select private_key from push_keys for update`).Scan(&was)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, 0, nil
	}
	if err != nil {
		return 0, 0, fmt.Errorf("read the keys of notifications: %w", err)
	}
	fresh, changed, err := box.Reseal(was, keysContext)
	switch {
	case err != nil:
		return 0, 1, nil //nolint:nilerr // it is counted
	case !changed:
		return 0, 0, nil
	}
	if _, err := tx.Exec(ctx, `update push_keys set private_key = $1`, fresh); err != nil {
		return 0, 0, fmt.Errorf("seal the keys of notifications again: %w", err)
	}
	return 1, 0, nil
}

// tokenLife is how long a token holds; services take a day at most.
const tokenLife = 12 * time.Hour

// authorization says to the service at an address who sends, and whom to write
// to about it (RFC 8292).
func (p pair) authorization(endpoint *url.URL, contact string, now time.Time) (string, error) {
	claims, err := json.Marshal(map[string]any{"aud": endpoint.Scheme + "://" + endpoint.Host, "exp": now.Add(tokenLife).Unix(), "sub": contact})
	if err != nil {
		return "", fmt.Errorf("write a token: %w", err)
	}
	token := encoded([]byte(`{"typ":"JWT","alg":"ES256"}`)) + "." + encoded(claims)
	sum := sha256.Sum256([]byte(token))
	r, s, err := ecdsa.Sign(rand.Reader, p.private, sum[:])
	if err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return "vapid t=" + token + "." + encoded(signature) + ", k=" + encoded(p.public), nil
}
