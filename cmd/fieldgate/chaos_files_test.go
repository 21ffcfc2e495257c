package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"io/fs"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/postgres"
)

// TestNothingSaidIsLost kills the program at random while contacts ask for jobs
// with photos, add files, write messages and sign quotes, and staff add, share
// and hide files and send quotes. What was answered with yes is there afterwards
// in full and once, however often its form had to be sent; of the rest there is
// nothing half.
func TestNothingSaidIsLost(t *testing.T) {
	c := newChaos(t)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute+time.Duration(*kills)*2*time.Second)
	defer cancel()
	begun := time.Now()
	c.start()

	var all sync.WaitGroup
	var told stories
	for range 3 {
		all.Go(func() {
			for once := true; once || c.killed.Load() < int64(*kills) && ctx.Err() == nil && !t.Failed(); once = false {
				told.add(c.story(ctx, told.next()))
				c.anHourLater(ctx)
			}
		})
	}
	c.killer(nil)
	all.Wait()
	if t.Failed() {
		return
	}
	worked := time.Since(begun)
	c.settle(ctx)
	c.prepared(ctx)
	t.Logf("%d stories and %d kills in %v; everything was out and prepared %v later", len(told.all), c.killed.Load(), worked.Round(time.Second), (time.Since(begun) - worked).Round(100*time.Millisecond))
	for _, s := range told.all {
		c.check(ctx, s)
	}
	c.nothingHalf(ctx, len(told.all))
	c.mailsOnce(ctx)
	c.bytesAndRows()
}

// story is a job from its request to a quote that was signed, each deed answered.
type story struct {
	n          int
	job, quote string
	hidden     string // the name of the file of staff that was shared, then hidden
}

type stories struct {
	mu    sync.Mutex
	begun int
	all   []story
}

func (s *stories) next() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.begun++
	return s.begun
}

func (s *stories) add(one story) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, one)
}

func (c *chaos) story(ctx context.Context, n int) story {
	s := story{n: n, hidden: fmt.Sprintf("report-%d.txt", n)}
	nonce := func(of string) url.Values {
		return url.Values{"contact": {"1"}, "nonce": {fmt.Sprintf("%s-%d-%d", of, n, rand.Int64())}}
	}
	form := nonce("job")
	form["type"], form["description"] = []string{"1"}, []string{fmt.Sprintf("Story %d: it drips", n)}
	s.job = path.Base(c.deed(ctx, c.portal, "/jobs", form, 0, photoName(n, 1), photoName(n, 2)))
	c.deed(ctx, c.portal, "/jobs/"+s.job+"/files", nonce("files"), 0, photoName(n, 3))
	form = nonce("message")
	form["text"] = []string{fmt.Sprintf("Story %d: is anybody coming?", n)}
	c.deed(ctx, c.portal, "/jobs/"+s.job+"/messages", form, 0, fmt.Sprintf("meter-%d.txt", n))

	attachments := "/office/jobs/" + s.job + "/attachments"
	shared := fmt.Sprintf("manual-%d.txt", n)
	c.deed(ctx, c.office, attachments, nonce("attachments"), 0, shared, s.hidden)
	ticked := c.texts(ctx, `select public_id from attachments where name = any($1)`, []string{shared, s.hidden})
	c.deed(ctx, c.office, attachments+"/sharing", url.Values{"visible": {"yes"}, "attachment": ticked}, 0)
	ticked = c.texts(ctx, `select public_id from attachments where name = $1`, s.hidden)
	c.deed(ctx, c.office, attachments+"/sharing", url.Values{"visible": {"no"}, "attachment": ticked}, 0)

	form = nonce("quote")
	form["customer"], form["description"], form["main_contact"], form["valid_until"] = []string{"C-1001"}, []string{fmt.Sprintf("Story %d: a new tap", n)}, []string{"1"}, []string{"2099-01-31"}
	form["line-0-description"], form["line-0-quantity"], form["line-0-price"], form["line-0-tax"] = []string{"Tap, fitted"}, []string{"1"}, []string{"120"}, []string{"10 GST"}
	s.quote = path.Base(c.deed(ctx, c.office, "/office/quotes", form, 0))
	version := c.texts(ctx, `select version::text from quotes where number = $1`, s.quote)
	c.deed(ctx, c.office, "/office/quotes/"+s.quote+"/sending", url.Values{"version": version}, http.StatusConflict) // sent by the form whose answer was lost
	c.deed(ctx, c.portal, "/quotes/"+s.quote+"/acceptance", url.Values{"contact": {"1"}, "full_name": {"Lee"}, "terms": {"yes"}, "shown": {"1"}, "signature": {drawing()}}, 0)
	return s
}

// deed sends a form, with files or without, until it is answered with yes; again
// is what it may be answered when it was sent before. It returns where to go on.
func (c *chaos) deed(ctx context.Context, by *http.Client, to string, form url.Values, again int, files ...string) (location string) {
	kind, body := "application/x-www-form-urlencoded", form.Encode()
	if len(files) > 0 {
		kind, body = c.withFiles(form, files)
	}
	for tries := 0; ctx.Err() == nil; tries++ {
		r, err := by.Post(c.base+to, kind, strings.NewReader(body))
		if err == nil {
			answer, _ := io.ReadAll(r.Body)
			_ = r.Body.Close()
			switch {
			case r.StatusCode == http.StatusSeeOther || r.StatusCode == again && tries > 0:
				return r.Header.Get("Location")
			case r.StatusCode <= http.StatusInternalServerError:
				_, main, _ := strings.Cut(string(answer), "<main")
				c.t.Errorf("%s: %d\n%.2000s", to, r.StatusCode, tags.ReplaceAllString(main, " "))
				return ""
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	c.t.Errorf("%s was never answered", to)
	return ""
}

var tags = regexp.MustCompile(`<[^>]*>`)

func (c *chaos) withFiles(form url.Values, files []string) (kind, body string) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name := range form {
		_ = w.WriteField(name, form.Get(name))
	}
	for _, name := range files {
		part, err := w.CreateFormFile("files", name)
		if err != nil {
			c.t.Error(err)
			return "", ""
		}
		_, _ = part.Write(content(name))
	}
	_ = w.Close()
	return w.FormDataContentType(), b.String()
}

func photoName(n, which int) string { return fmt.Sprintf("photo-%d-%d.jpg", n, which) }

// content is what a file of a name holds: always the same, and of no other.
func content(name string) []byte {
	if path.Ext(name) != ".jpg" {
		return []byte(strings.Repeat(name+"\n", 500))
	}
	seed := uint64(0)
	for _, b := range []byte(name) {
		seed = seed*31 + uint64(b)
	}
	r := rand.New(rand.NewPCG(seed, 1))
	img := image.NewGray(image.Rect(0, 0, 96, 64))
	for i := range img.Pix {
		img.Pix[i] = uint8(r.UintN(256))
	}
	var b bytes.Buffer
	_ = jpeg.Encode(&b, img, nil) // into memory
	return b.Bytes()
}

func drawing() string {
	img := image.NewNRGBA(image.Rect(0, 0, 200, 100))
	for x := 20; x < 120; x++ {
		img.Set(x, 40, color.NRGBA{B: 60, A: 255})
	}
	var b bytes.Buffer
	_ = png.Encode(&b, img) // into memory
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes())
}

// anHourLater makes room for more within what a contact may send, and is told of
// one by one, in an hour.
func (c *chaos) anHourLater(ctx context.Context) {
	for _, sql := range []string{
		`update jobs set created_at = created_at - interval '2 hours' where created_at > now() - interval '1 hour'`,
		`update messages set at = at - interval '2 hours' where at > now() - interval '1 hour'`,
		`update emails set created_at = created_at - interval '2 hours' where created_at > now() - interval '1 hour'`, // else a burst is told in few
		`update attachments set uploaded_at = uploaded_at - interval '2 hours' where uploaded_at > now() - interval '1 hour'`,
	} {
		_, err := c.pool.Exec(ctx, sql)
		for postgres.Away(err) && ctx.Err() == nil {
			time.Sleep(20 * time.Millisecond)
			_, err = c.pool.Exec(ctx, sql)
		}
		if err != nil {
			c.t.Error(err)
		}
	}
}

func (c *chaos) texts(ctx context.Context, sql string, args ...any) []string {
	rows, err := c.pool.Query(ctx, sql, args...)
	if err != nil {
		c.t.Error(err)
		return nil
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		c.t.Error(err)
	}
	return all
}

// prepared waits until no photo waits any more.
func (c *chaos) prepared(ctx context.Context) {
	for ctx.Err() == nil {
		if waiting := c.texts(ctx, `select name from attachments where state = 'preparing'`); len(waiting) == 0 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	c.t.Errorf("photos are still being prepared: %q", c.texts(context.WithoutCancel(ctx), `select name from attachments where state = 'preparing'`))
}

// check holds what there is of a story against what was sent.
func (c *chaos) check(ctx context.Context, s story) {
	files := c.texts(ctx, `
		select name || case when customer_view then '' else ' hidden' end || case when state = 'ready' then '' else ' ' || state end
		from attachments a where job_id = (select id from jobs where number = $1) or message_id in (select id from messages where job_id = (select id from jobs where number = $1)) order by name`, s.job)
	want := []string{fmt.Sprintf("manual-%d.txt", s.n), fmt.Sprintf("meter-%d.txt", s.n), photoName(s.n, 1), photoName(s.n, 2), photoName(s.n, 3), s.hidden + " hidden"}
	if !slices.Equal(files, want) {
		c.t.Errorf("story %d: files %q, want %q", s.n, files, want)
	}
	for what, sql := range map[string]string{
		"job":              `select count(*)::text from jobs where description like 'Story ' || $3::int || ':%' and number = $1`,
		"message":          `select count(*)::text from messages where text like 'Story ' || $3::int || ':%' and job_id = (select id from jobs where number = $1)`,
		"quote":            `select count(*)::text from quotes where description like 'Story ' || $3::int || ':%' and number = $2 and status = 'accepted'`,
		"acceptance":       `select count(*)::text from acceptances a join quote_versions v on v.id = a.version_id join quotes q on q.id = v.quote_id where q.number = $2 and decision = 'accepted' and signature_key <> ''`,
		"mail of the job":  `select count(*)::text from emails e join jobs j on j.id = e.job_id where j.number = $1 and kind = 'job-opened'`,
		"mail of the text": `select count(*)::text from emails e join jobs j on j.id = e.job_id where j.number = $1 and kind = 'message-to-office'`,
		"mail to sign":     `select count(*)::text from emails e join quotes q on q.id = e.quote_id where q.number = $2 and kind = 'quote-sent'`,
		"mail of the yes":  `select count(*)::text from emails e join quotes q on q.id = e.quote_id where q.number = $2 and kind = 'quote-decision'`,
		"answer to Lee":    `select count(*)::text from emails e join quotes q on q.id = e.quote_id where q.number = $2 and kind = 'quote-answered'`,
	} {
		if n := c.texts(ctx, sql+` and ($1 || $2 || $3::int) <> ''`, s.job, s.quote, s.n); !slices.Equal(n, []string{"1"}) {
			c.t.Errorf("story %d, %s and %s: %s there %q times", s.n, s.job, s.quote, what, n)
		}
	}
	rows, err := c.pool.Query(ctx, `select public_id, name from attachments where name like '%-' || $1::int || '.txt' or name like 'photo-' || $1::int || '-%'`, s.n)
	if err != nil {
		c.t.Error(err)
		return
	}
	var id, name string
	if _, err := pgx.ForEachRow(rows, []any{&id, &name}, func() error {
		at := "/office/attachments/" + id
		if got := c.get(c.office, at); got != string(content(name)) {
			c.t.Errorf("%s holds %d bytes that were not sent", name, len(got))
		}
		if path.Ext(name) == ".jpg" && (c.get(c.office, at+"/web") == "" || c.get(c.portal, "/attachments/"+id+"/thumb") == "") {
			c.t.Errorf("%s has no pictures", name)
		}
		return nil
	}); err != nil {
		c.t.Error(err)
	}
	if got := c.get(c.portal, "/quotes/"+s.quote+"/signature"); !strings.HasPrefix(got, "\x89PNG") {
		c.t.Errorf("the signature of %s is not there", s.quote)
	}
}

// get is the body of a page; "" unless it is there.
func (c *chaos) get(by *http.Client, at string) string {
	r, err := by.Get(c.base + at)
	if err != nil {
		c.t.Error(err)
		return ""
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK {
		c.t.Errorf("%s: %d, %v", at, r.StatusCode, err)
		return ""
	}
	return string(b)
}

// nothingHalf counts: there is as much of everything as was answered, and each
// stands in the trail once.
func (c *chaos) nothingHalf(ctx context.Context, told int) {
	for what, n := range map[string]int{
		`jobs`: told, `messages`: told, `quotes`: told, `quote_versions`: told, `acceptances`: told, `attachments`: 6 * told,
		`audit_entries where thing = 'job' and action = 'opened'`:          told,
		`audit_entries where thing = 'quote' and action = 'accepted'`:      told,
		`audit_entries where thing = 'quote' and action = 'sent'`:          told,
		`audit_entries where thing = 'attachment' and action = 'uploaded'`: 6 * told,
		`audit_entries where thing = 'attachment' and action = 'prepared'`: 3 * told,
		`audit_entries where thing = 'attachment' and action = 'shared'`:   2 * told,
		`audit_entries where thing = 'attachment' and action = 'hidden'`:   told,
	} {
		if got := c.texts(ctx, `select count(*)::text from `+what); !slices.Equal(got, []string{fmt.Sprint(n)}) {
			c.t.Errorf("%s: %s, want %d", what, got, n)
		}
	}
}

// mailsOnce holds the mails that were promised against those received: each at
// least once, and a kill repeats one at most.
func (c *chaos) mailsOnce(ctx context.Context) {
	received := map[string]int{}
	all := c.server.Messages()
	for _, m := range all {
		id, _, _ := strings.Cut(m.MessageID, "@")
		received[strings.Trim(id, "<>")]++
	}
	for _, id := range c.texts(ctx, `select message_id from emails where state = 'sent'`) {
		if received[id] == 0 {
			c.t.Errorf("the mail %s was not received", id)
		}
	}
	// What gathers is told of minutes later; a quote that was answered is told of no more.
	for _, m := range c.texts(ctx, `select state || ' ' || kind || ' ' || server_words from emails where gathers is null and state <> 'sent' and not (kind in ('quote-sent', 'files-shared') and state = 'dropped')`) {
		c.t.Errorf("a mail is %s", m)
	}
	if repeats := len(all) - len(received); repeats > int(c.killed.Load()) {
		c.t.Errorf("%d mails were repeated by %d kills", repeats, c.killed.Load())
	} else {
		c.t.Logf("%d mails received, %d of them repeats", len(all), repeats)
	}
}

// bytesAndRows asks the program's own commands, two days later: all that is
// named is in storage, and the sweep takes nothing of it.
func (c *chaos) bytesAndRows() {
	c.kill()
	old := time.Now().Add(-48 * time.Hour)
	err := filepath.WalkDir(c.files, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		return os.Chtimes(name, old, old)
	})
	if err != nil {
		c.t.Error(err)
	}
	said := ""
	for _, command := range []string{"files check", "files sweep --dry-run", "files sweep", "files check"} {
		out, status := fieldgate(c.t, c.env, strings.Fields(command)...)
		if status != 0 || strings.HasPrefix(command, "files check") && !strings.HasPrefix(out, "All ") {
			c.t.Errorf("fieldgate %s: %d\n%s", command, status, out)
		}
		said += out
	}
	c.t.Log(said)
}
