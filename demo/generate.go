package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/demo/picture"
	"fieldgate/internal/blob"
	"fieldgate/internal/day"
	"fieldgate/internal/password"
	"fieldgate/internal/postgres"
	"fieldgate/internal/storage"
)

// Size is how large a generated business is. The same size and seed give the
// same business on the same day.
type Size struct {
	Customers, Jobs int
	Seed            uint64
}

// The least that there must be for a business with people of every kind.
const (
	LeastCustomers = 20
	LeastJobs      = 400
)

// ErrTooSmall says that people of every kind would not find a place.
var ErrTooSmall = fmt.Errorf("a generated business has at least %d customers and %d jobs", LeastCustomers, LeastJobs)

// ErrHasCustomers says that somebody's business is in the database already.
var ErrHasCustomers = errors.New("this database already holds customers, staff or job types; generating needs an empty one, as fieldgate migrate makes it")

// Words of descriptions: one that many jobs have, and one that hardly any has.
const (
	CommonWord = "fan"
	RareWord   = "possum"
)

// Generated are those who can sign in to a generated business, with Password:
// one of each kind.
var Generated = []Persona{
	{"Ada Fontaine", "ada@demo.test", Office, "Administrator"},
	{"Ben Whitlock", "ben@demo.test", Office, "Office"},
	{"Lee Nakamura", "lee@demo.test", Portal, "sees and does everything at the largest customer"},
	{"Kim Tran", "kim@demo.test", Portal, "the same customer: own jobs and quotes"},
	{"Rae Castellano", "rae@demo.test", Portal, "the same customer: everything at three of its sites"},
	{"Max Okafor", "max@demo.test", Portal, "the same customer: suspended, cannot get in"},
	{"Ola Lindgren", "ola@demo.test", Portal, "a small customer: sees and does everything"},
	{"Sam Petrou", "sam@demo.test", Portal, "two customers: chooses one after signing in"},
}

// Generate fills an empty, migrated database with a business of that size, with
// skew as in life: one customer has a twentieth of all jobs and up to 400 sites,
// most have a handful. Pool's user owns the tables. Files are rows on a few
// photos and documents, which the store gets first; everything else is one
// transaction, so that what is broken off leaves the database as it was.
func Generate(ctx context.Context, pool *pgxpool.Pool, store blob.Store, hasher *password.Hasher, size Size, log *slog.Logger) error {
	var now time.Time
	if err := pool.QueryRow(ctx, "select now()").Scan(&now); err != nil {
		return fmt.Errorf("generate: %w", err)
	}
	return filler{pool, store, hasher, log, photoWidth}.generate(ctx, size, now)
}

func (f filler) generate(ctx context.Context, size Size, now time.Time) (err error) {
	if size.Customers < LeastCustomers || size.Jobs < LeastJobs {
		return ErrTooSmall
	}
	if err := empty(ctx, f.pool); err != nil {
		return err
	}
	g := &generator{Size: size, log: f.log, passwords: f.hasher}
	if g.catalogue, err = readCatalogue(); err != nil {
		return fmt.Errorf("generate: %w", err)
	}
	if g.zone, err = time.LoadLocation(zoneName); err != nil {
		return fmt.Errorf("generate: %w", err)
	}
	g.plan(now)
	f.log.InfoContext(ctx, "generating", "customers", size.Customers, "jobs", size.Jobs, "seed", size.Seed)
	var stored keys
	if err = g.storeFiles(ctx, f, &stored); err == nil {
		err = postgres.Transact(ctx, f.pool, func(tx postgres.Tx) error { return g.fill(ctx, tx) })
	}
	if err != nil {
		storage.New(f.pool, f.store).Forget(ctx, err, stored.all...)
		return fmt.Errorf("generate: %w", err)
	}
	// As autovacuum would have in the meantime: index-only scans need to know which pages everybody sees.
	for _, table := range append(slices.Clone(bulkTables), "stored_files", "staff", "job_types") {
		if _, err := f.pool.Exec(ctx, "vacuum (analyze) "+pgx.Identifier{table}.Sanitize()); err != nil {
			return fmt.Errorf("generate: vacuum %s: %w", table, err)
		}
	}
	return nil
}

// empty refuses a database that anybody has begun with.
func empty(ctx context.Context, db postgres.DB) error {
	var used bool
	if err := db.QueryRow(ctx, "select exists (select from customers) or exists (select from staff) or exists (select from job_types)").Scan(&used); err != nil {
		return fmt.Errorf("generate: %w", err)
	}
	if used {
		return ErrHasCustomers
	}
	return nil
}

// generator makes a business up: who there is stands in memory, what was done
// is worked out from the number of each job whenever one of its tables is filled.
type generator struct {
	Size
	catalogue
	log       *slog.Logger
	passwords *password.Hasher

	now   time.Time
	zone  *time.Location
	today day.Day
	days  []day.Day // the working days until today, oldest first

	customers []folk
	weights   []float64 // of customers but the first, cumulated
	sites     []place
	contacts  []soul
	persons   []string // their addresses
	sam       int64    // who is a contact of two customers
	pieces    []piece  // of equipment
	stories   []story
	offers    []offer
	shots     []*file
	manual    *file // of five megabytes
	sheet     *file

	field []int64
}

// The parts of a generated business that have a generator of their own.
const (
	genFolk = iota + 1
	genStory
	genJob
	genQuote
	genFiles
)

func (g *generator) source(part, i uint64) *rand.Rand {
	return rand.New(rand.NewPCG(g.Seed<<8|part, i))
}

// plan works out who there is and what jobs are like.
func (g *generator) plan(now time.Time) {
	g.now = now.In(g.zone).Truncate(time.Second)
	g.today = day.Of(g.now, g.zone)
	years := min(max(g.Jobs/100_000, 3), 10)
	for d := g.today.AddDays(-365 * years); !d.After(g.today); d = d.AddDays(1) {
		if w := d.Time(time.UTC).Weekday(); w != time.Saturday && w != time.Sunday {
			g.days = append(g.days, d)
		}
	}
	for i, m := range g.staff {
		if m.Role == "field" {
			g.field = append(g.field, int64(i+1))
		}
	}
	g.addFolk()
	g.addStories()
}

// share is a customer's weight: most have a handful of jobs, few have hundreds.
func share(pick *rand.Rand) float64 { return math.Exp(1.5 * pick.NormFloat64()) }

// anyCustomer is one but the first, as often as its weight says.
func (g *generator) anyCustomer(pick *rand.Rand) int {
	at := pick.Float64() * g.weights[len(g.weights)-1]
	i, _ := slices.BinarySearch(g.weights, at)
	return 1 + min(i, len(g.weights)-1)
}

func (g *generator) storeFiles(ctx context.Context, f filler, stored *keys) error {
	for i, scene := range generatedScenes {
		g.shots = append(g.shots, &file{media: "image/jpeg", shot: &picture.Shot{Scene: scene, Seed: g.Seed + uint64(i)}})
	}
	document := func(title string, ballast int) (*file, error) {
		doc := fpdf.New("P", "pt", "A4", "")
		doc.SetCreationDate(g.now)
		doc.SetModificationDate(g.now)
		doc.SetCatalogSort(true)
		doc.SetFont("Helvetica", "", 18)
		doc.AddPage()
		doc.MultiCell(0, 28, title+"\n"+tradingName, "", "L", false)
		if ballast > 0 {
			noise := make([]byte, ballast)
			pick := g.source(genFiles, 0)
			for i := range noise {
				noise[i] = byte(pick.Uint32())
			}
			doc.SetAttachments([]fpdf.Attachment{{Content: noise, Filename: "drawings.bin"}})
		}
		var out bytes.Buffer
		err := doc.Output(&out)
		return &file{media: "application/pdf", data: out.Bytes()}, err
	}
	var err, err2 error
	g.sheet, err = document("Service report", 0)
	g.manual, err2 = document("Operating manual", 5_000_000)
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	for _, a := range append(slices.Clone(g.shots), g.sheet, g.manual) {
		if err := f.storeFile(ctx, a, stored); err != nil {
			return err
		}
	}
	return nil
}

// fill writes everything, in the order in which triggers look at it.
func (g *generator) fill(ctx context.Context, tx postgres.Tx) error {
	if _, err := tx.Exec(ctx, "select from installation for update"); err != nil {
		return err
	}
	if err := empty(ctx, tx); err != nil {
		return err
	}
	hash, err := g.passwords.Hash(ctx, Password)
	if err != nil {
		return err
	}
	if err := g.settings(ctx, tx, hash); err != nil {
		return err
	}
	b := &bulk{tx: tx, now: g.now}
	if err := b.begin(ctx); err != nil {
		return err
	}
	for _, step := range []func(context.Context, *bulk) error{
		func(ctx context.Context, b *bulk) error { return g.fillFolk(ctx, b, hash) },
		g.fillEquipment, g.fillQuotes, g.fillJobs, g.fillWork, g.fillFiles, g.fillMessages, g.fillTrail,
	} {
		if err := step(ctx, b); err != nil {
			return err
		}
	}
	g.log.InfoContext(ctx, "making indexes and references")
	if err := b.end(ctx); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `select setval('customer_numbers', $1), setval('quote_numbers', $2), setval('job_numbers', $3)`, 1000+len(g.customers), 1000+g.quotes(), 1000+g.Jobs)
	return err
}

// settings are those of the demo; and the trail is kept for a year, as long as
// generated entries reach back.
func (g *generator) settings(ctx context.Context, tx postgres.Tx, hash string) error {
	b := &business{catalogue: g.catalogue, now: g.now, zone: g.zone, today: g.today, days: g.days}
	if err := b.updateSettings(ctx, tx, brand{}); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "update installation set demo = false"); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "update company set logo_type = '', banner_type = ''; update retention set activity = 365", pgx.QueryExecModeSimpleProtocol); err != nil {
		return err
	}
	for _, t := range b.staffTables(hash) {
		if err := t.copy(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// table copies a table, tells how far it is, and makes its indexes.
func (g *generator) table(ctx context.Context, b *bulk, name string, columns []string, n int, of func(i int, emit func(...any))) error {
	if err := g.bare(ctx, b, name, columns, n, of); err != nil {
		return err
	}
	return b.index(ctx, name)
}

// bare is table without indexes, for what is changed once more.
func (g *generator) bare(ctx context.Context, b *bulk, name string, columns []string, n int, of func(i int, emit func(...any))) error {
	done := 0
	rows, err := b.copy(ctx, name, columns, n, func(i int, emit func(...any)) {
		if done++; done%100_000 == 0 && done < n {
			g.log.InfoContext(ctx, "filling", "table", name, "done", fmt.Sprintf("%d %%", 100*done/n))
		}
		of(i, emit)
	})
	if err != nil {
		return err
	}
	g.log.InfoContext(ctx, "filled", "table", name, "rows", rows)
	return nil
}

// notBefore is the later of the two, but never in the future.
func (g *generator) notBefore(t, earliest time.Time) time.Time {
	if t.Before(earliest) {
		t = earliest
	}
	if t.After(g.now) {
		t = g.now
	}
	return t
}
