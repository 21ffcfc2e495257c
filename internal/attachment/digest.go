package attachment

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/blob"
	"fieldgate/internal/postgres"
	"fieldgate/internal/storage"
)

// Digested asks of what hangs on something, and is as large as a file that comes,
// for its digest, if nobody has asked before: any of them may be it. Keep keeps it,
// by SetDigest.
func Digested(ctx context.Context, db postgres.DB, store *storage.Store, on On, size int64, keep func(file int64, digest []byte) error) error {
	condition, id := on.where()
	var files []struct {
		ID      int64
		BlobKey string
	}
	err := postgres.Read(ctx, db, func(b *postgres.Batch) {
		postgres.Query(b, &files, `select a.id, a.blob_key from attachments a where `+condition+` and a.removed_at is null and a.size = @size and a.digest is null`, pgx.NamedArgs{"on": id, "size": size})
	})
	if err != nil {
		return fmt.Errorf("find files to compare: %w", err)
	}
	for _, f := range files {
		sum, err := digest(ctx, store, f.BlobKey)
		if err == nil && sum != nil {
			err = keep(f.ID, sum)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// digest reads a file's bytes; nil when they are missing from storage.
func digest(ctx context.Context, store *storage.Store, key string) ([]byte, error) {
	f, err := store.Open(ctx, key)
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

// Same is a file of the same bytes that hangs on something already.
type Same struct {
	PublicID string
	Removed  bool // it hung there, and was removed
}

// FindSame is a file on something with these bytes, or apperr.NotFound. It is
// certain once what is as large is Digested, and while LockUsage holds.
func FindSame(ctx context.Context, db postgres.DB, on On, digest []byte) (same Same, err error) {
	condition, id := on.where()
	err = postgres.Read(ctx, db, func(b *postgres.Batch) {
		postgres.QueryOne(b, &same, `
			select a.public_id, a.removed_at is not null as removed from attachments a where `+condition+` and a.digest = @digest
			order by a.removed_at nulls first, a.id limit 1`, pgx.NamedArgs{"on": id, "digest": digest})
	})
	if err != nil && !errors.Is(err, apperr.NotFound) {
		return same, fmt.Errorf("ask whether a file is there already: %w", err)
	}
	return same, err
}

// Has reports whether the same bytes hang on something already, as certain as
// FindSame is.
func Has(ctx context.Context, db postgres.DB, on On, digest []byte) (bool, error) {
	same, err := FindSame(ctx, db, on, digest)
	if errors.Is(err, apperr.NotFound) {
		return false, nil
	}
	return !same.Removed, err
}

// ReadUsage is how much a customer's files take, and may take.
func ReadUsage(ctx context.Context, db postgres.DB, customer int64) (u Usage, err error) {
	if err = postgres.Read(ctx, db, func(b *postgres.Batch) { QueryUsageOf(b, &u, customer) }); err != nil {
		return u, fmt.Errorf("ask how much the files of customer %d take: %w", customer, err)
	}
	return u, nil
}
