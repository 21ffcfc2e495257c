package attachment

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/blob"
	"fieldgate/internal/postgres"
	"fieldgate/internal/storage"
)

// Undigested is a file of which nobody has asked yet whether another one is the same.
type Undigested struct {
	ID      int64
	BlobKey string
}

// FindUndigested are those that hang on something and are as large as a file that
// comes: any of them may be it.
func FindUndigested(ctx context.Context, db postgres.DB, on On, size int64) (files []Undigested, err error) {
	condition, id := on.where()
	err = postgres.Read(ctx, db, func(b *postgres.Batch) {
		postgres.Query(b, &files, `select a.id, a.blob_key from attachments a where `+condition+` and a.removed_at is null and a.size = @size and a.digest is null`, pgx.NamedArgs{"on": id, "size": size})
	})
	if err != nil {
		return nil, fmt.Errorf("find files to compare: %w", err)
	}
	return files, nil
}

// Digest reads the file's bytes; nil when they are missing from storage.
func (u Undigested) Digest(ctx context.Context, store *storage.Store) ([]byte, error) {
	f, err := store.Open(ctx, u.BlobKey)
	if errors.Is(err, blob.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read a file to compare: %w", err)
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return nil, fmt.Errorf("read a file to compare: %w", err)
	}
	return sum.Sum(nil), nil
}

// SetDigest keeps it.
func SetDigest(ctx context.Context, tx postgres.Tx, file int64, digest []byte) error {
	if _, err := tx.Exec(ctx, `update attachments set digest = $2 where id = $1`, file, digest); err != nil {
		return fmt.Errorf("keep the digest of file %d: %w", file, err)
	}
	return nil
}

// Has reports whether the same bytes hang on something already. It is certain
// once what is Undigested of that size is not any more, and while LockUsage holds.
func Has(ctx context.Context, db postgres.DB, on On, digest []byte) (has bool, err error) {
	condition, id := on.where()
	err = postgres.Read(ctx, db, func(b *postgres.Batch) {
		postgres.QueryValue(b, &has, `select exists (select from attachments a where `+condition+` and a.removed_at is null and a.digest = @digest)`, pgx.NamedArgs{"on": id, "digest": digest})
	})
	if err != nil {
		return false, fmt.Errorf("ask whether a file is there already: %w", err)
	}
	return has, nil
}

// ReadUsage is how much a customer's files take, and may take.
func ReadUsage(ctx context.Context, db postgres.DB, customer int64) (u Usage, err error) {
	if err = postgres.Read(ctx, db, func(b *postgres.Batch) { QueryUsageOf(b, &u, customer) }); err != nil {
		return u, fmt.Errorf("ask how much the files of customer %d take: %w", customer, err)
	}
	return u, nil
}
