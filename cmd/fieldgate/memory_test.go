package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/dbtest"
	"fieldgate/internal/password"
)

// BenchmarkProgram starts the program, has 16 people open 10,000 pages, or send
// 50 photos of 48 megapixels, and reports what it takes: its size, the
// time until it is ready, and memory, its own and that of the process that
// decodes one photo at a time. It reads Linux's /proc. FIELDGATE_TEST_PROGRAM
// names the program to measure; without it, it is the test's own:
//
//	make build && FIELDGATE_TEST_PROGRAM=$PWD/bin/fieldgate bin/devpg -fast .dev/test go test ./cmd/fieldgate -run '^$' -bench Program -benchtime 1x
func BenchmarkProgram(b *testing.B) {
	for name, then := range map[string]func(*testing.B, *measured){"pages": openPages, "photos": sendPhotos} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				measure(b, then)
			}
			b.ReportMetric(0, "ns/op") // all of it together says nothing
		})
	}
}

// measured is a program that has started, and who has logged in to it.
type measured struct {
	db      *pgxpool.Pool
	site    string
	process int
	people  []*http.Client
}

const (
	visitorsAtOnce = 16
	pagesOpened    = 10_000
	photosSent     = 50
	photosPrepared = 5 // one after the other: more of them take no more memory
)

func measure(b *testing.B, then func(*testing.B, *measured)) {
	b.Helper()
	program := cmp.Or(os.Getenv("FIELDGATE_TEST_PROGRAM"), os.Args[0])
	if info, err := os.Stat(program); err == nil {
		b.ReportMetric(float64(info.Size())/1e6, "MB-program")
	}
	db := dbtest.New(b)
	hash, err := password.NewHasher().Hash(b.Context(), herPassword)
	if err != nil {
		b.Fatal(err)
	}
	for sql, args := range map[string][]any{
		`
		with c as (insert into customers (name) select 'Customer ' || n from generate_series(1, $1::int) n returning id, name),
			p as (insert into persons (email, password_hash) select 'person' || n || '@example.com', $2 from generate_series(1, $1::int) n returning id, email),
			t as (insert into job_types (name, colour) values ('Service', 'teal') returning id),
			contact as (insert into contacts (customer_id, person_id, name, email, access, jobs_see, jobs_create)
				select c.id, p.id, 'Person', p.email, 'active', 'all', true from c join p on p.email = replace(c.name, 'Customer ', 'person') || '@example.com')
		insert into jobs (customer_id, name, description, job_type_id, status, origin) select c.id, 'Service ' || n, 'Filters and coils of unit ' || n, (select id from t), 'unscheduled', 'office' from c, generate_series(1, 100) n`: {visitorsAtOnce, hash},
	} {
		if _, err := db.Exec(b.Context(), sql, args...); err != nil {
			b.Fatal(err)
		}
	}
	address := freeAddress(b)
	site := "http://" + address
	cmd := exec.CommandContext(b.Context(), program, "serve")
	var log bytes.Buffer
	cmd.Stderr = &log
	cmd.Env = append(os.Environ(), "FIELDGATE_TEST_MAIN=1", "DATABASE_URL="+db.Config().ConnString(), "FIELDGATE_STORAGE=file://"+b.TempDir(), "FIELDGATE_LISTEN="+address, "FIELDGATE_BASE_URL="+site,
		"FIELDGATE_SECRET_KEY=the secret key of the tests is no secret", "FIELDGATE_SMTP_URL=smtp://127.0.0.1:1", "FIELDGATE_MAIL_FROM=a@example.com", "FIELDGATE_LOG=warn")
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Signal(os.Interrupt)
		if err := cmd.Wait(); err != nil {
			b.Errorf("%v\n%s", err, log.String())
		}
	}()
	for {
		answer, err := http.Get(site + "/readyz")
		if err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				break
			}
		}
		if time.Since(begun) > time.Minute {
			b.Fatalf("it does not get ready: %s", log.String())
		}
		time.Sleep(time.Millisecond)
	}
	b.ReportMetric(float64(time.Since(begun).Milliseconds()), "ms-ready")
	b.ReportMetric(processor(cmd.Process.Pid), "ms-ready-CPU")
	b.ReportMetric(megabytes(cmd.Process.Pid, "VmRSS"), "MB-at-start")

	people := make([]*http.Client, visitorsAtOnce)
	each(b, visitorsAtOnce, func(n, _ int) error {
		jar, err := cookiejar.New(nil)
		if err != nil {
			return err
		}
		people[n] = &http.Client{Jar: jar, Transport: &http.Transport{MaxIdleConnsPerHost: 1}}
		return shown(people[n].PostForm(site+"/login", url.Values{"email": {fmt.Sprintf("person%d@example.com", n+1)}, "password": {herPassword}}))
	})
	then(b, &measured{db, site, cmd.Process.Pid, people})
}

func openPages(b *testing.B, p *measured) {
	b.Helper()
	pages := []string{"/", "/jobs", "/jobs?q=filters", "/jobs/new", "/details", "/jobs?sort=name"}
	each(b, pagesOpened, func(n, who int) error { return shown(p.people[who].Get(p.site + pages[n%len(pages)])) })
	b.ReportMetric(megabytes(p.process, "VmRSS"), "MB-after-pages")
	b.ReportMetric(megabytes(p.process, "RssFile"), "MB-of-them-files")
}

func sendPhotos(b *testing.B, p *measured) {
	b.Helper()
	photo := large(b)
	b.ReportMetric(float64(len(photo))/1e6, "MB-photo")
	watch := follow(p.process)
	each(b, photosSent, func(_, who int) error { return send(p.people[who], p.site, photo) })
	own, _, _ := watch.so()
	b.ReportMetric(own, "MB-most-while-photos-come")
	for there, prepared := 0, 0; prepared < photosPrepared; time.Sleep(100 * time.Millisecond) {
		if err := p.db.QueryRow(b.Context(), `select count(*), count(*) filter (where state = 'ready') from attachments`).Scan(&there, &prepared); err != nil || there != photosSent {
			b.Fatalf("%d of %d photos are there: %v", there, photosSent, err)
		}
	}
	own, child, together := watch.end()
	b.ReportMetric(own, "MB-most-of-program")
	b.ReportMetric(child, "MB-most-of-decoder")
	b.ReportMetric(together, "MB-most-of-both")
}

// each does something n times, so many visitors at once.
func each(b *testing.B, n int, do func(n, who int) error) {
	b.Helper()
	var next atomic.Int64
	var all sync.WaitGroup
	faults := make([]error, visitorsAtOnce)
	for who := range visitorsAtOnce {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && faults[who] == nil; i = int(next.Add(1)) - 1 {
				faults[who] = do(i, who)
			}
		})
	}
	all.Wait()
	if err := errors.Join(faults...); err != nil {
		b.Fatal(err)
	}
}

func shown(answer *http.Response, err error) error {
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, answer.Body)
	err = errors.Join(err, answer.Body.Close())
	if answer.StatusCode != http.StatusOK {
		err = errors.Join(err, fmt.Errorf("%s answers %s", answer.Request.URL.Path, answer.Status))
	}
	return err
}

// send asks for a job with the photo, as a browser does, without holding a copy
// of it.
func send(who *http.Client, site string, photo []byte) error {
	answer, err := who.Get(site + "/jobs/new")
	if err != nil {
		return err
	}
	page, err := goquery.NewDocumentFromReader(answer.Body)
	if err := errors.Join(err, answer.Body.Close()); err != nil {
		return err
	}
	form := page.Find(`main form[enctype="multipart/form-data"]`)
	name, _ := form.Find(`input[type=file]`).Attr("name")
	body, out := io.Pipe()
	parts := multipart.NewWriter(out)
	go func() {
		var err error
		form.Find(`input[type=hidden]`).Each(func(_ int, s *goquery.Selection) {
			err = errors.Join(err, parts.WriteField(s.AttrOr("name", ""), s.AttrOr("value", "")))
		})
		kind := form.Find(`select[name=type] option, input[name=type]`).Last().AttrOr("value", "")
		err = errors.Join(err, parts.WriteField("type", kind), parts.WriteField("description", "It rattles."))
		file, opened := parts.CreateFormFile(name, "photo.jpg")
		if err = errors.Join(err, opened); err == nil {
			_, err = file.Write(photo)
		}
		_ = out.CloseWithError(errors.Join(err, parts.Close()))
	}()
	return shown(who.Post(site+"/jobs", parts.FormDataContentType(), body))
}

// large is a photo of 48 megapixels with as much in it as a phone's.
func large(b *testing.B) []byte {
	b.Helper()
	const width, height = 8000, 6000
	m := image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range m.Y {
		m.Y[i] = byte(i%width/40) + byte(random.Uint32()%24)
	}
	for i := range m.Cb {
		m.Cb[i], m.Cr[i] = byte(128+i%40), byte(100+i%60)
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, m, &jpeg.Options{Quality: 88}); err != nil {
		b.Fatal(err)
	}
	return out.Bytes()
}

// megabytes is a figure of /proc/…/status; 0 for a process that is gone.
func megabytes(process int, name string) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", process))
	if err != nil {
		return 0
	}
	m := regexp.MustCompile(`(?m)^` + name + `:\s+(\d+) kB`).FindSubmatch(text)
	if m == nil {
		return 0
	}
	n, _ := strconv.ParseFloat(string(m[1]), 64)
	return n * 1024 / 1e6
}

// processor is what a process has used of processors, in milliseconds; Linux
// counts hundredths of a second.
func processor(process int) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", process))
	if err != nil {
		return 0
	}
	const user, system = 11, 12 // after the name, which may hold blanks
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	u, _ := strconv.ParseFloat(fields[user], 64)
	s, _ := strconv.ParseFloat(fields[system], 64)
	return (u + s) * 10
}

// follower looks at a process and its children many times a second.
type follower struct {
	mu                   sync.Mutex
	own, child, together float64
	stop, stopped        chan struct{}
}

func follow(process int) *follower {
	f := &follower{stop: make(chan struct{}), stopped: make(chan struct{})}
	go func() {
		defer close(f.stopped)
		for {
			own, children := megabytes(process, "VmRSS"), 0.0
			for _, child := range childrenOf(process) {
				children += megabytes(child, "VmRSS")
			}
			f.mu.Lock()
			f.own, f.child, f.together = max(f.own, own), max(f.child, children), max(f.together, own+children)
			f.mu.Unlock()
			select {
			case <-f.stop:
				return
			case <-time.After(10 * time.Millisecond):
			}
		}
	}()
	return f
}

func childrenOf(process int) (found []int) {
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", process))
	for _, list := range lists {
		text, err := os.ReadFile(list)
		if err != nil {
			continue // the thread has ended
		}
		for word := range strings.FieldsSeq(string(text)) {
			if n, err := strconv.Atoi(word); err == nil {
				found = append(found, n)
			}
		}
	}
	return found
}

// so is what was the most until now.
func (f *follower) so() (own, child, together float64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.own, f.child, f.together
}

func (f *follower) end() (own, child, together float64) {
	close(f.stop)
	<-f.stopped
	return f.so()
}
