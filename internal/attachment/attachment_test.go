package attachment_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/apperr"
	"fieldgate/internal/attachment"
	"fieldgate/internal/audit"
	"fieldgate/internal/blob"
	"fieldgate/internal/dbtest"
	"fieldgate/internal/imaging"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/queue"
	"fieldgate/internal/storage"
)

const fixtures = `
insert into staff (name, email, role, state) values ('Ben', 'ben@demo.test', 'office', 'active');
insert into job_types (name) values ('Maintenance');
insert into customers (name) values ('Harbour Dental'), ('Pelican Point');
insert into contacts (customer_id, name) values (1, 'Lee'), (1, 'Kim');
insert into jobs (customer_id, description, job_type_id, status, origin) values (1, 'Service', 1, 'unscheduled', 'office'), (1, 'Repair', 1, 'unscheduled', 'office'), (2, 'Fan', 1, 'unscheduled', 'office');
`

var (
	ben = audit.Actor{Staff: 1, Name: "Ben"}
	lee = audit.Actor{Contact: 1, Person: 1, Name: "Lee"}
	kim = audit.Actor{Contact: 2, Person: 2, Name: "Kim"}

	service = attachment.On{Customer: 1, Job: 1}
	repair  = attachment.On{Customer: 1, Job: 2}
)

type bench struct {
	db    *pgxpool.Pool
	store *storage.Store
	queue *queue.Client
	t     *testing.T
}

func setUp(t *testing.T) bench {
	t.Helper()
	b := bench{db: dbtest.New(t), t: t}
	files, err := blob.New("file://" + t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	b.store = storage.New(b.db, files)
	if b.queue, err = queue.NewClient(b.db); err != nil {
		t.Fatal(err)
	}
	if _, err := b.db.Exec(context.Background(), fixtures); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b bench) transact(do func(postgres.Tx) error) error {
	return postgres.Transact(context.Background(), b.db, do)
}

func (b bench) kept() (n int) {
	b.t.Helper()
	for _, err := range b.store.List(context.Background()) {
		if err != nil {
			b.t.Fatal(err)
		}
		n++
	}
	return n
}

func text(name string) attachment.Incoming {
	return attachment.Incoming{Name: name, Type: imaging.Text, Size: 5, Content: strings.NewReader("hello")}
}

func photo(t *testing.T, content []byte) attachment.Incoming {
	t.Helper()
	if content == nil {
		var b bytes.Buffer
		if err := jpeg.Encode(&b, image.NewRGBA(image.Rect(0, 0, 64, 48)), nil); err != nil {
			t.Fatal(err)
		}
		content = b.Bytes()
	}
	return attachment.Incoming{Name: "unit.jpg", Type: imaging.JPEG, Size: int64(len(content)), Content: bytes.NewReader(content)}
}

// add stores files and returns them as listed, the newest first.
func (b bench) add(by audit.Actor, on attachment.On, files ...attachment.Incoming) []attachment.File {
	b.t.Helper()
	ctx := context.Background()
	err := attachment.Storing(ctx, b.store, files, func(stored []attachment.Stored) error {
		return b.transact(func(tx postgres.Tx) error { return attachment.Add(ctx, tx, by, b.queue, on, stored) })
	})
	if err != nil {
		b.t.Fatal(err)
	}
	listed, _ := b.list(on, attachment.Orders.Read(nil), "")
	return listed
}

// list is a page of files, and how many there are by what is shown.
func (b bench) list(on attachment.On, q list.Query, show string) ([]attachment.File, attachment.Counts) {
	b.t.Helper()
	var (
		page   list.Page[attachment.File]
		counts attachment.Counts
	)
	if err := postgres.Read(b.t.Context(), b.db, func(p *postgres.Batch) { attachment.QueryList(p, &page, &counts, on, q, show) }); err != nil {
		b.t.Fatal(err)
	}
	return page.Rows, counts
}

func TestWhoSharesWhat(t *testing.T) {
	t.Parallel()
	b, ctx := setUp(t), context.Background()
	staffs := b.add(ben, service, text("a.txt"))[0]
	if staffs.CustomerView || staffs.UploadedBy != "Ben" || staffs.ByContact {
		t.Errorf("staff's file starts %+v", staffs)
	}
	contacts := b.add(lee, repair, text("b.txt"))[0]
	if !contacts.CustomerView || contacts.UploadedBy != "Lee" || !contacts.ByContact {
		t.Errorf("a contact's file starts %+v", contacts)
	}
	for _, tt := range []struct {
		name    string
		on      attachment.On
		visible bool
		changed int
	}{
		{"from another job's page", repair, true, 0},
		{"from the customer's page", attachment.On{Customer: 1}, true, 0},
		{"shared", service, true, 1},
		{"shared again", service, true, 0},
		{"hidden", service, false, 1},
	} {
		err := b.transact(func(tx postgres.Tx) error {
			changed, err := attachment.Share(ctx, tx, ben, tt.on, []string{staffs.PublicID, "nothing"}, tt.visible)
			if len(changed) != tt.changed {
				t.Errorf("%s: %d changed", tt.name, len(changed))
			}
			return err
		})
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	f, err := attachment.Find(ctx, b.db, staffs.PublicID)
	if err != nil || f.CustomerView || f.SharedBy != "" || f.SharedAt != nil {
		t.Errorf("hidden again: %+v, %v", f, err)
	}
}

func TestWhoRemovesAFile(t *testing.T) {
	t.Parallel()
	b, ctx := setUp(t), context.Background()
	lees, bens := b.add(lee, service, text("a.txt"))[0].PublicID, b.add(ben, repair, text("b.txt"))[0].PublicID
	for _, tt := range []struct {
		name    string
		by      audit.Actor
		file    string
		removed int
	}{
		{"another contact's", kim, lees, 0},
		{"one's own", lee, lees, 1},
		{"twice", lee, lees, 0},
		{"a contact the office's", lee, bens, 0},
		{"staff any", ben, bens, 1},
	} {
		err := b.transact(func(tx postgres.Tx) error {
			n, err := attachment.Remove(ctx, tx, tt.by, tt.file)
			if n != tt.removed {
				t.Errorf("%s: %d removed", tt.name, n)
			}
			return err
		})
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	if _, err := attachment.Find(ctx, b.db, lees); !errors.Is(err, apperr.NotFound) {
		t.Error(err)
	}
}

// What a customer's files take stays right when a file is copied and removed at
// the same moment, whichever comes first.
func TestUsageOfFilesCopiedAndRemovedAtOnce(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	b := setUp(t)
	for range 2 {
		file := b.add(ben, service, text("a.txt"))[0].PublicID
		remove := func(tx postgres.Tx) error {
			_, err := attachment.Remove(ctx, tx, ben, file)
			return err
		}
		copied := func(tx postgres.Tx) error {
			_, err := attachment.Copy(ctx, tx, ben, b.queue, service, repair)
			return err
		}
		first, second := remove, copied
		if len(b.add(ben, repair)) > 0 {
			first, second = copied, remove
		}
		done := make(chan error, 1)
		err := b.transact(func(tx postgres.Tx) error {
			if err := first(tx); err != nil {
				return err
			}
			go func() { done <- b.transact(second) }()
			for waiting := false; !waiting && len(done) == 0; {
				if err := b.db.QueryRow(ctx, `select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')`).Scan(&waiting); err != nil {
					return err
				}
			}
			return nil
		})
		if err := errors.Join(err, <-done); err != nil {
			t.Fatal(err)
		}
		b.sameBytes("copied and removed")
	}
}

// sameBytes looks whether what is counted of a customer's files is there.
func (b bench) sameBytes(after string) {
	b.t.Helper()
	var counted, there int64
	err := b.db.QueryRow(b.t.Context(), `
		select (select bytes from stored_files where customer_id = 1),
			(select coalesce(sum(size), 0)::bigint from (select distinct on (blob_key) size from attachments where customer_id = 1 and removed_at is null order by blob_key) a)`).Scan(&counted, &there)
	if err != nil || counted != there {
		b.t.Errorf("%s: %d bytes are counted, %d are there, %v", after, counted, there, err)
	}
}

// One statement may change several rows of the same bytes.
func TestUsageOfFilesChangedTogether(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.add(ben, service, text("a.txt"), text("b.txt"))
	if err := b.transact(func(tx postgres.Tx) error {
		_, err := attachment.Copy(t.Context(), tx, ben, b.queue, service, repair)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for _, step := range []string{
		`update attachments set removed_at = now()`,
		`update attachments set removed_at = null`,
		`update attachments set removed_at = now() where id in (select min(id) from attachments group by blob_key)`,
		`update attachments set removed_at = case when removed_at is null then now() end`,
		`update attachments set caption = 'seen'`,
		`delete from attachments where id in (select min(id) from attachments group by blob_key)`,
		`update attachments set removed_at = null`,
		`delete from attachments`,
	} {
		if _, err := b.db.Exec(t.Context(), step); err != nil {
			t.Fatal(step, err)
		}
		b.sameBytes(step)
	}
}

// An answer that got lost is no reason to keep a file twice.
func TestSentAgain(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	for _, tt := range []struct {
		name  string
		by    audit.Actor
		on    attachment.On
		nonce string
		files int // listed there afterwards
		kept  int // in the store
	}{
		{"first", ben, service, "n1", 1, 1},
		{"again", ben, service, "n1", 1, 1},
		{"another file", ben, service, "n2", 2, 2},
		{"somebody else's nonce", lee, service, "n1", 3, 3},
		{"without a nonce", ben, repair, "", 1, 4},
		{"without one again", ben, repair, "", 2, 5},
	} {
		f := text("a.txt")
		f.Nonce = tt.nonce
		if files := b.add(tt.by, tt.on, f); len(files) != tt.files || b.kept() != tt.kept {
			t.Errorf("%s: %d files, %d kept", tt.name, len(files), b.kept())
		}
	}
}

func TestCaptions(t *testing.T) {
	t.Parallel()
	b, ctx := setUp(t), context.Background()
	f := b.add(ben, service, text("a.txt"))[0]
	for _, tt := range []struct {
		name, seen, caption string
		want                error
	}{
		{"the first", "", "Filter before", nil},
		{"one that is stale", "", "Filter after", apperr.Stale},
		{"the same once more", "", "Filter before", nil},
		{"a new one", "Filter before", "\u0645\u0631\u0634\u062d", nil},
		{"too long", "\u0645\u0631\u0634\u062d", strings.Repeat("x", 201), problem.Set{"caption": "Keep the caption under 200 characters."}},
		{"none any more", "\u0645\u0631\u0634\u062d", "", nil},
	} {
		err := b.transact(func(tx postgres.Tx) error {
			return attachment.SetCaption(ctx, tx, ben, attachment.Caption{File: f.PublicID, Seen: tt.seen, Text: tt.caption})
		})
		if fmt.Sprint(err) != fmt.Sprint(tt.want) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	var changes int
	if err := b.db.QueryRow(ctx, `select count(*) from audit_entries where action = 'changed' and thing = 'attachment'`).Scan(&changes); err != nil || changes != 3 {
		t.Errorf("%d changes in the log, %v", changes, err)
	}
}

func TestListsOfFiles(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.add(ben, service, text("plan.txt"), text("Bericht.txt"), photo(t, nil))
	b.add(lee, service, text("wish.txt"))
	b.add(ben, repair, text("other.txt"))
	for _, tt := range []struct {
		search, sort, show string
		want               string
	}{
		{"", "", "", "wish.txt unit.jpg Bericht.txt plan.txt"},
		{"", "name", "", "Bericht.txt plan.txt unit.jpg wish.txt"},
		{"", "name", attachment.Photos, "unit.jpg"},
		{"", "name", attachment.Documents, "Bericht.txt plan.txt wish.txt"},
		{"", "name", attachment.Shared, "wish.txt"},
		{"", "name", attachment.Hidden, "Bericht.txt plan.txt unit.jpg"},
		{"BERICHT", "", "", "Bericht.txt"},
		{"%", "", "", ""},
		{"", "", "nonsense", "wish.txt unit.jpg Bericht.txt plan.txt"},
	} {
		q := attachment.Orders.Read(url.Values{"q": {tt.search}, "sort": {tt.sort}})
		files, counts := b.list(service, q, tt.show)
		names := make([]string, len(files))
		for i, f := range files {
			names[i] = f.Name
		}
		if got := strings.Join(names, " "); got != tt.want {
			t.Errorf("%q %q %q: %q", tt.search, tt.sort, tt.show, got)
		}
		if n := counts[tt.show]; n != len(files) && tt.show != "nonsense" {
			t.Errorf("%q %q: counted %d", tt.search, tt.show, n)
		}
	}
}

func TestNothingIsKeptWithoutItsRow(t *testing.T) {
	t.Parallel()
	b, ctx := setUp(t), context.Background()
	short := text("short.txt")
	short.Size = 50
	for name, files := range map[string][]attachment.Incoming{"a file of another customer's job": {text("a.txt"), text("b.txt")}, "an upload that ends early": {text("a.txt"), short}} {
		err := attachment.Storing(ctx, b.store, files, func(stored []attachment.Stored) error {
			return b.transact(func(tx postgres.Tx) error {
				return attachment.Add(ctx, tx, ben, b.queue, attachment.On{Customer: 1, Job: 3}, stored)
			})
		})
		if err == nil || b.kept() != 0 {
			t.Errorf("%s: %v, %d files kept", name, err, b.kept())
		}
	}
}

func TestPreparing(t *testing.T) {
	t.Parallel()
	b, ctx := setUp(t), context.Background()
	good := b.add(ben, service, photo(t, nil))[0]
	bad := b.add(ben, repair, photo(t, []byte("\xff\xd8\xff\xe0 not a photo after all")))[0]
	for _, f := range []attachment.File{good, bad, good} { // a job may run twice
		if f.State != "preparing" {
			t.Errorf("a photo starts %s", f.State)
		}
		if err := attachment.Prepare(ctx, b.db, b.store, f.ID); err != nil {
			t.Error(err)
		}
	}
	good, _ = attachment.Find(ctx, b.db, good.PublicID)
	if good.State != "ready" || good.WebKey == "" || good.ThumbKey == "" || good.Width != 64 || good.Height != 48 {
		t.Errorf("%+v", good)
	}
	bad, _ = attachment.Find(ctx, b.db, bad.PublicID)
	if bad.State != "broken" || bad.WebKey != "" {
		t.Errorf("%+v", bad)
	}
	if n := b.kept(); n != 4 { // two originals, two pictures of the good one
		t.Errorf("%d files kept", n)
	}
	if err := attachment.Prepare(ctx, b.db, b.store, 99); err != nil {
		t.Errorf("a photo that is gone: %v", err)
	}
}

// A photo waits for one of another customer's, however many that has sent.
func TestPhotosOfCustomersTakeTurns(t *testing.T) {
	t.Parallel()
	b, ctx := setUp(t), context.Background()
	fan := attachment.On{Customer: 2, Job: 3}
	many := b.add(ben, service, photo(t, nil), photo(t, nil), photo(t, nil), photo(t, nil))
	err := b.transact(func(tx postgres.Tx) error {
		_, err := attachment.Copy(ctx, tx, ben, b.queue, service, repair)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	one := b.add(ben, fan, photo(t, nil))[0]
	done := make(chan int64, 100)
	q, err := queue.New(b.db, queue.Options{Test: true}, queue.Register(time.Minute, func(ctx context.Context, p queue.PreparePhoto) error {
		defer func() { done <- p.Attachment }()
		return attachment.Prepare(ctx, b.db, b.store, p.Attachment)
	}))
	if err != nil {
		t.Fatal(err)
	}
	if err := q.Start(ctx); err != nil {
		t.Fatal(err)
	}
	defer q.Stop(ctx)
	var order []int64
	for range 2*len(many) + 1 {
		order = append(order, <-done)
	}
	if order[1] != one.ID {
		t.Errorf("worked in the order %v; %d should have been the second", order, one.ID)
	}
}

// An error is no answer: a photo whose state could not be asked is not prepared.
func TestPreparingAsksForTheErrorFirst(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	f := b.add(ben, service, photo(t, nil))[0]
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if err := attachment.Prepare(ended, b.db, b.store, f.ID); err == nil {
		t.Error("a program that ends has prepared the photo")
	}
	if f, _ = attachment.Find(context.Background(), b.db, f.PublicID); f.State != "preparing" {
		t.Errorf("it is %s", f.State)
	}
}

func TestPhotosThatNobodyPreparesAreLookedFor(t *testing.T) {
	t.Parallel()
	b, ctx := setUp(t), context.Background()
	f := b.add(ben, service, photo(t, nil))[0]
	jobs := func(state string) (n int) {
		t.Helper()
		if err := b.db.QueryRow(ctx, `select count(*) from river_job where kind = 'prepare_photo' and state::text = $1`, state).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	look := func() attachment.File {
		t.Helper()
		if err := attachment.PrepareLost(ctx, b.db, b.queue); err != nil {
			t.Fatal(err)
		}
		f, err := attachment.Find(ctx, b.db, f.PublicID)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	exec := func(sql string) {
		t.Helper()
		if _, err := b.db.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	exec(`update attachments set uploaded_at = now() - interval '10 minutes'`)
	if look(); jobs("available") != 1 {
		t.Errorf("%d jobs for a photo that has one", jobs("available"))
	}
	for what, sql := range map[string]string{
		"a queue that was emptied": `delete from river_job`,
		"a job that was given up":  `update river_job set state = 'discarded', finalized_at = now() - interval '47 hours'`,
		"a job that did nothing":   `update river_job set state = 'completed', finalized_at = now()`,
	} {
		exec(sql)
		if f := look(); jobs("available") != 1 || f.State != "preparing" {
			t.Errorf("%s: %d jobs, %s", what, jobs("available"), f.State)
		}
		exec(`delete from river_job where state <> 'available'`)
	}
	exec(`update river_job set state = 'discarded', finalized_at = now() - interval '49 hours'`)
	if f := look(); jobs("available") != 0 || f.State != "broken" || !strings.Contains(f.BrokenBecause, "two days") {
		t.Errorf("after two days: %d jobs, %s %q", jobs("available"), f.State, f.BrokenBecause)
	}
}
