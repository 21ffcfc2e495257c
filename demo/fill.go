// Package demo fills a database with Northwind Air, an air-conditioning
// business in Sydney that does not exist: three years of customers, jobs,
// quotes, equipment and photos, the same each time and dated relative to the
// day of the fill. The portal's settings are those of a new installation:
// tasks and admin details hidden, no limit of age, so that visitors see what
// the switches do when they turn them.
package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/image/draw"
	"golang.org/x/sync/errgroup"

	"fieldgate/demo/picture"
	"fieldgate/internal/audit"
	"fieldgate/internal/blob"
	"fieldgate/internal/branding"
	"fieldgate/internal/imaging"
	"fieldgate/internal/password"
	"fieldgate/internal/postgres"
	"fieldgate/internal/storage"
)

// ErrNotEmpty says that the database belongs to a real business.
var ErrNotEmpty = errors.New("this database already holds customers or staff of a real business; the demo needs one of its own")

// photoWidth of a demo photo, in pixels: its half is the size of a thumbnail.
const photoWidth = 2 * imaging.ThumbSide

// Fill writes the demo business into an empty, migrated database and marks it
// as a demo. A demo that is already there stays as it is; anything else that
// holds customers, staff or job types is ErrNotEmpty. Everything is written in
// one transaction, after the files.
func Fill(ctx context.Context, pool *pgxpool.Pool, store blob.Store, hasher *password.Hasher, now time.Time, log *slog.Logger) error {
	return filler{pool, store, hasher, log, photoWidth}.fill(ctx, now)
}

type filler struct {
	pool   *pgxpool.Pool
	store  blob.Store
	hasher *password.Hasher
	log    *slog.Logger
	width  int // of photos
}

func (f filler) fill(ctx context.Context, now time.Time) error {
	filled, err := inspect(ctx, f.pool)
	if err != nil {
		return err
	}
	if filled {
		return f.complete(ctx)
	}
	began := time.Now()
	f.log.Info("filling the demo business", "name", tradingName)
	b, err := build(now)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	var stored keys
	brand, err := f.storeFiles(ctx, b, &stored)
	if err == nil {
		err = postgres.Transact(ctx, f.pool, func(tx postgres.Tx) error {
			// Two programs may start at once: the second finds the work done.
			if _, err := tx.Exec(ctx, "select from installation for update"); err != nil {
				return err
			}
			if filled, err = inspect(ctx, tx); err != nil || filled {
				return err
			}
			hash, err := f.hasher.Hash(ctx, Password)
			if err != nil {
				return err
			}
			if err := b.insert(ctx, tx, hash, brand); err != nil {
				return err
			}
			return audit.Record(ctx, tx, audit.Actor{}, audit.New{Action: audit.InstallationFilled, Label: tradingName})
		})
	}
	if err != nil || filled {
		storage.New(f.pool, f.store).Forget(ctx, err, stored.all...)
	}
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	f.log.Info("the demo business is ready", "customers", len(b.customers), "jobs", len(b.jobs), "photos", manyPhotos, "took", time.Since(began).Round(10*time.Millisecond))
	return nil
}

// ErrFilesGone says that the demo's database is there and its files are not:
// its folder was deleted, and the database lies elsewhere.
var ErrFilesGone = errors.New("the demo's database is there, but its files are gone; make reset forgets the database, and the next make run begins afresh")

// complete looks whether the files of a demo filled earlier are still there.
func (f filler) complete(ctx context.Context) error {
	var logo string
	if err := f.pool.QueryRow(ctx, "select logo_key from company").Scan(&logo); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	if logo == "" {
		return nil // somebody trying the demo has removed it
	}
	file, err := f.store.Open(ctx, logo)
	if errors.Is(err, blob.ErrNotFound) {
		return ErrFilesGone
	}
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	return file.Close()
}

// inspect tells whether the demo is there already, and refuses what is no demo.
func inspect(ctx context.Context, db postgres.DB) (filled bool, err error) {
	var marked, customers, others bool
	err = db.QueryRow(ctx, `
		select (select demo from installation), exists (select from customers), exists (select from staff) or exists (select from job_types)`,
	).Scan(&marked, &customers, &others)
	switch {
	case err != nil:
		return false, fmt.Errorf("demo: %w", err)
	case marked && customers:
		return true, nil
	case customers || others:
		return false, ErrNotEmpty
	}
	return false, nil
}

// keys are those of the files put so far.
type keys struct {
	sync.Mutex
	all []string
}

func (f filler) put(ctx context.Context, stored *keys, data []byte, mediaType string) (string, error) {
	key := blob.NewKey()
	if err := f.store.Put(ctx, key, bytes.NewReader(data), int64(len(data)), mediaType); err != nil {
		return "", err
	}
	stored.Lock()
	defer stored.Unlock()
	stored.all = append(stored.all, key)
	return key, nil
}

// brand is how the business looks: keys of pictures, and the logo's size in pixels.
type brand struct {
	logo, banner  string
	width, height int
}

func (f filler) storeBrand(ctx context.Context, stored *keys) (b brand, err error) {
	logo, err := branding.Logo(ctx, picture.Logo)
	if err != nil {
		return b, err
	}
	banner, err := branding.Banner(ctx, picture.Banner)
	if err != nil {
		return b, err
	}
	b.width, b.height = logo.Width, logo.Height
	if b.logo, err = f.put(ctx, stored, logo.Data, logo.ContentType); err != nil {
		return b, err
	}
	b.banner, err = f.put(ctx, stored, banner.Data, banner.ContentType)
	return b, err
}

// storeFiles makes the photos and stores all files, on every processor.
func (f filler) storeFiles(ctx context.Context, b *business, stored *keys) (brand, error) {
	all, ctx := errgroup.WithContext(ctx)
	all.SetLimit(2 * runtime.GOMAXPROCS(0)) // half of the time goes by waiting for the disk
	for _, a := range b.files {
		all.Go(func() error {
			if err := f.storeFile(ctx, a, stored); err != nil {
				return fmt.Errorf("%s: %w", a.name, err)
			}
			return nil
		})
	}
	brand, err := f.storeBrand(ctx, stored)
	return brand, errors.Join(err, all.Wait())
}

// storeFile puts one file and, of a photo, its renditions.
func (f filler) storeFile(ctx context.Context, a *file, stored *keys) (err error) {
	if a.shot == nil {
		a.size = len(a.data)
		a.key, err = f.put(ctx, stored, a.data, a.media)
		return err
	}
	photo, err := picture.Draw(*a.shot, f.width)
	if err != nil {
		return err
	}
	a.width, a.height = photo.Rect.Dx(), photo.Rect.Dy()
	// As large as a rendition for the screen may be and without metadata: the
	// same picture serves as both.
	full, err := encode(photo, 84)
	if err != nil {
		return err
	}
	half := image.NewRGBA(image.Rect(0, 0, a.width/2, a.height/2))
	draw.ApproxBiLinear.Scale(half, half.Rect, photo, photo.Rect, draw.Src, nil)
	thumb, err := encode(half, 80)
	if err != nil {
		return err
	}
	a.size = len(full)
	if a.key, err = f.put(ctx, stored, full, a.media); err != nil {
		return err
	}
	a.web = a.key
	a.thumb, err = f.put(ctx, stored, thumb, a.media)
	return err
}

func encode(m image.Image, quality int) ([]byte, error) {
	var b bytes.Buffer
	err := jpeg.Encode(&b, m, &jpeg.Options{Quality: quality})
	return b.Bytes(), err
}

// Marked reports whether the demo has filled this database.
func Marked(ctx context.Context, db postgres.DB) (marked bool, err error) {
	if err := db.QueryRow(ctx, "select demo from installation").Scan(&marked); err != nil {
		return false, fmt.Errorf("read the installation's mark: %w", err)
	}
	return marked, nil
}
