package inbound

import (
	"os"
	"strings"
	"testing"
	"time"
)

func TestBounces(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		file   string
		failed bool
		words  string
	}{
		{"bounce-postfix", true, "550 5.1.1 <kim@harbour.example>: Recipient address rejected: User unknown"},
		{"bounce-delayed", false, "connect to mx.harbour.example: Connection timed out"},
		{"bounce-exim", true, "550 5.1.1 No such user"},
	} {
		raw, err := os.ReadFile("testdata/" + tt.file + ".eml")
		if err != nil {
			t.Fatal(err)
		}
		e := Parse(raw)
		want := Bounce{Recipient: "kim@harbour.example", Original: "abcdefghijklmnopqrstuvwxyz@northwind.example", Failed: tt.failed, Words: tt.words}
		if !e.Report || len(e.Bounces) != 1 || e.Bounces[0] != want {
			t.Errorf("%s: %+v, want %+v", tt.file, e.Bounces, want)
		}
	}
}

// Only the topmost results of a server that is named count, and only for the one sender.
func TestAuthentic(t *testing.T) {
	t.Parallel()
	const from = "From: Lee <lee@harbour.example>\r\n"
	const received = "Received: from outside by mx.example\r\n"
	for _, tt := range []struct {
		rule, head string
		trusted    []string
		want       bool
	}{
		{"DMARC", "Authentication-Results: mx.example; dmarc=pass header.from=harbour.example\r\n" + received + from, []string{"mx.example"}, true},
		{"in capitals, over two lines", "Authentication-Results: MX.Example 1;\r\n spf=pass smtp.mailfrom=lee@harbour.example;\r\n DMARC=PASS (p=REJECT) header.from=Harbour.example\r\n" + received + from, []string{"mx.example"}, true},
		{"nobody is named", "Authentication-Results: mx.example; dmarc=pass header.from=harbour.example\r\n" + from, nil, false},
		{"of another server", "Authentication-Results: other.example; dmarc=pass header.from=harbour.example\r\n" + from, []string{"mx.example"}, false},
		{"DMARC failed", "Authentication-Results: mx.example; dmarc=fail header.from=harbour.example; dkim=pass header.d=harbour.example\r\n" + from, []string{"mx.example"}, false},
		{"of another domain", "Authentication-Results: mx.example; dmarc=pass header.from=evil.example\r\n" + from, []string{"mx.example"}, false},
		{"forged, below what the server wrote", "Authentication-Results: mx.example; dmarc=fail header.from=harbour.example\r\n" + received + "Authentication-Results: mx.example; dmarc=pass header.from=harbour.example\r\n" + from, []string{"mx.example"}, false},
		{"a forged pass below a server without a word on DMARC", "Authentication-Results: mx.example; spf=fail smtp.mailfrom=evil.example\r\n" + received + "Authentication-Results: mx.example; dmarc=pass\r\n" + from, []string{"mx.example"}, false},
		{"results in two lines", "Authentication-Results: mx.example; spf=pass smtp.mailfrom=x.example\r\nAuthentication-Results: mx.example; dmarc=pass header.from=harbour.example\r\n" + received + from, []string{"mx.example"}, true},
		{"passed on within the house", "Received: by store.example\r\nAuthentication-Results: mx.example; dmarc=pass header.from=harbour.example\r\n" + received + from, []string{"mx.example"}, true},
		{"no DMARC, signed by the domain", "Authentication-Results: mx.example; dmarc=none; dkim=pass header.d=harbour.example\r\n" + from, []string{"mx.example"}, true},
		{"no DMARC, signed by another", "Authentication-Results: mx.example; dmarc=none; dkim=pass header.d=sender.example\r\n" + from, []string{"mx.example"}, false},
		{"no DMARC, sent by the domain's server", "Authentication-Results: mx.example; spf=pass smtp.mailfrom=bounce@mail.harbour.example\r\n" + from, []string{"mx.example"}, true},
		{"Microsoft 365 names itself nowhere", "Authentication-Results: spf=pass (sender IP is 203.0.113.7)\r\n smtp.mailfrom=harbour.example; dkim=pass (signature was verified)\r\n header.d=harbour.example;dmarc=pass action=none header.from=harbour.example;compauth=pass reason=100\r\n" + received + from, []string{"microsoft365"}, true},
		{"and is not believed unnamed", "Authentication-Results: dmarc=pass action=none header.from=harbour.example\r\n" + from, []string{"mx.example"}, false},
		{"two senders", "Authentication-Results: mx.example; dmarc=pass header.from=harbour.example\r\nFrom: Lee <lee@harbour.example>, Eve <eve@evil.example>\r\n", []string{"mx.example"}, false},
		{"two lines of senders", "Authentication-Results: mx.example; dmarc=pass header.from=harbour.example\r\n" + from + "From: Eve <eve@evil.example>\r\n", []string{"mx.example"}, false},
		{"in a comment", "Authentication-Results: mx.example; spf=fail (dmarc=pass header.from=harbour.example) smtp.mailfrom=evil.example\r\n" + from, []string{"mx.example"}, false},
		{"the sender's server, quoted", "Authentication-Results: mx.example; spf=pass smtp.mailfrom=\"lee brook\"@harbour.example\r\n" + from, []string{"mx.example"}, true},
		{"a property within a quoted address", "Authentication-Results: mx.example; spf=pass smtp.mailfrom=\"x smtp.mailfrom=lee@harbour.example y\"@evil.example\r\n" + from, []string{"mx.example"}, false},
		{"with quotes in it", "Authentication-Results: mx.example; spf=pass smtp.mailfrom=\"x\\\" smtp.mailfrom=lee@harbour.example \\\"y\"@evil.example\r\n" + from, []string{"mx.example"}, false},
		{"a result within a quoted address", "Authentication-Results: mx.example; spf=pass smtp.mailfrom=\"x; dkim=pass header.d=harbour.example; y\"@evil.example\r\n" + from, []string{"mx.example"}, false},
		{"a quoted address within a comment", "Authentication-Results: mx.example; spf=pass (mx.example: domain of \"x) smtp.mailfrom=lee@harbour.example (y\"@evil.example) smtp.mailfrom=evil.example\r\n" + from, []string{"mx.example"}, false},
		{"a comment within a comment", "Authentication-Results: mx.example; spf=fail (a (b) dkim=pass header.d=harbour.example) smtp.mailfrom=evil.example\r\n" + from, []string{"mx.example"}, false},
		{"the first property counts", "Authentication-Results: mx.example; spf=pass smtp.mailfrom=evil.example smtp.mailfrom=lee@harbour.example\r\n" + from, []string{"mx.example"}, false},
		{"a quote without an end", "Authentication-Results: mx.example; dkim=pass header.d=harbour.example; spf=pass smtp.mailfrom=\"x; dmarc=fail\r\n" + from, []string{"mx.example"}, false},
		{"longer than results are", "Authentication-Results: mx.example; dmarc=pass header.from=harbour.example; x=" + strings.Repeat("y", maxResults) + "\r\nAuthentication-Results: mx.example; dkim=pass header.d=harbour.example\r\n" + from, []string{"mx.example"}, false},
		{"brackets without end", "Authentication-Results: mx.example; dmarc=pass " + strings.Repeat("(", 128_000) + strings.Repeat(")", 128_000) + "\r\n" + from, []string{"mx.example"}, false},
		{"a later field on the same method", "Authentication-Results: mx.example; spf=fail smtp.mailfrom=evil.example\r\nAuthentication-Results: mx.example; spf=pass smtp.mailfrom=harbour.example\r\n" + from, []string{"mx.example"}, false},
		{"several signatures in one field", "Authentication-Results: mx.example; dkim=pass header.d=sender.example; dkim=pass header.d=harbour.example\r\n" + from, []string{"mx.example"}, true},
		{"DMARC of a domain that is not said", "Authentication-Results: mx.example; dmarc=pass\r\n" + from, []string{"mx.example"}, true},
		{"DMARC passed twice, once of nobody", "Authentication-Results: mx.example; dmarc=pass; dmarc=none header.from=harbour.example\r\n" + from, []string{"mx.example"}, false},
	} {
		if got := Parse([]byte(tt.head + "\r\nHello")).Authentic(tt.trusted); got != tt.want {
			t.Errorf("%s: %v", tt.rule, got)
		}
	}
}

// What is made to cost much ends within limits, and is told as what it is.
func TestLimits(t *testing.T) {
	t.Parallel()
	deep := ""
	for i := range 60 {
		deep += "Content-Type: multipart/mixed; boundary=b" + strings.Repeat("x", i) + "\r\n\r\n--b" + strings.Repeat("x", i) + "\r\n"
	}
	many := "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\nContent-Type: text/plain\r\n\r\nx\r\n", 5000) + "--b--"
	for name, raw := range map[string]string{
		"parts within parts": "From: a@b.example\r\n" + deep + "Content-Type: text/plain\r\n\r\nx",
		"many parts":         "From: a@b.example\r\n" + many,
		"an endless header":  "From: a@b.example\r\nX-Long: " + strings.Repeat("x", 2*maxHeader) + "\r\n\r\nx",
		"too large":          "From: a@b.example\r\n\r\n" + strings.Repeat("x", MaxRaw),
		"nothing":            "",
		"no email":           "\x00\x01\x02",
	} {
		begun := time.Now()
		if e := Parse([]byte(raw)); e.Broken == "" && e.Text == "" && name != "nothing" || len(e.Files) > MaxFiles {
			t.Errorf("%s: %+v", name, e)
		}
		if took := time.Since(begun); took > 10*time.Second {
			t.Errorf("%s took %v", name, took)
		}
	}
	slow := "From: a@b.example\r\nContent-Type: text/html\r\n\r\n" + strings.Repeat("<div><blockquote>", 50_000) + "x"
	begun := time.Now()
	Parse([]byte(slow))
	Parse([]byte("From: a@b.example\r\n\r\n" + strings.Repeat("On a b c wrote\n", 60_000)))
	Parse([]byte("From: a@b.example\r\n\r\nOn " + strings.Repeat("a ", 400_000)))
	if took := time.Since(begun); took > 20*time.Second {
		t.Errorf("%v for emails made to cost much", took)
	}
}

// TestLimitsOfText: however texts are spread over parts, so much of them is looked
// at and no more, and a rule below a rule is none.
func TestLimitsOfText(t *testing.T) {
	t.Parallel()
	rules := strings.Repeat("________\r\n", maxText/10)
	parts := "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
	for range 34 {
		parts += "--b\r\nContent-Type: text/plain\r\n\r\n" + rules
	}
	lines := "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
	for _, kind := range []string{"plain", "html"} {
		for range 20 {
			lines += "--b\r\nContent-Type: text/" + kind + "\r\n\r\n" + strings.Repeat("a<br>\r\n", 1000)
		}
	}
	for name, raw := range map[string]string{
		"rules":                  "\r\n" + rules,
		"rules in many parts":    parts,
		"a rule between empties": "\r\n" + strings.Repeat("________\r\n\r\n", maxText/12),
		"many lines":             lines,
		"much text":              "\r\n" + strings.Repeat(strings.Repeat("x", 300)+"\r\n", 3*maxText/300),
	} {
		e := Parse([]byte("From: a@b.example\r\n" + raw))
		kept := e.Text + "\n" + e.Quoted
		if n := strings.Count(kept, "\n"); n > maxLines+200 || len(kept) > maxText+200 || e.Text == "" || e.Broken != "" {
			t.Errorf("%s: %d lines, %d bytes, broken %q", name, n, len(kept), e.Broken)
		}
	}
}

// checkReadable checks that the database would take an email.
func checkReadable(t *testing.T, e Email) {
	t.Helper()
	all := append([]string{e.Text, e.Quoted, e.Subject, e.From.Name, e.From.Address, e.ID, e.Broken, e.Automatic}, append(e.References, e.To...)...)
	for _, f := range e.Files {
		all = append(all, f.Name, f.Type, f.Refused)
	}
	for _, b := range e.Bounces {
		all = append(all, b.Recipient, b.Original, b.Words)
	}
	for _, s := range all {
		if strings.ContainsRune(s, 0) || strings.ToValidUTF8(s, "") != s {
			t.Errorf("the database would not take %q", s)
		}
	}
}

// TestReadable: what the database would not take is left out.
func TestReadable(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		"From: a@b.example\r\nReferences: <a\xffb\x00@c.example>\r\nIn-Reply-To: <\xc3\x28@c.example>\r\n\r\nx",
		"From: a@b.example\r\nContent-Type: application/x\x00\xff; a b\r\nContent-Disposition: attachment\r\n\r\nx",
		"From: a@b.example\r\nReturn-Path: <>\r\nX-Failed-Recipients: \xff\x00@b.example\r\n\r\n550 no\nMessage-ID: <abc\xff@c.example>",
		"From: a@b.example\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822; \xff\x00@b.example\r\nAction: failed\r\nStatus: 5.1.1\xff\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <abc\xff\x00@c.example>\r\n\r\nx\r\n--b--",
	} {
		checkReadable(t, Parse([]byte(raw)))
	}
}

// TestTokens: the links of our emails open nothing for whoever reads an answer.
func TestTokens(t *testing.T) {
	t.Parallel()
	const token = "Zk3_q-9xT0aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456"
	for _, path := range []string{"/r/", "/emails/", "/welcome/", "/reset/", "/new-address/", "/office/welcome/", "/office/reset/", "/office/new-address/", "%2Fr%2F"} {
		for _, raw := range []string{
			"\r\nSee https://portal.example" + path + token + "\r\n\r\nOn Monday Northwind wrote:\r\n> Open https://portal.example" + path + token + " now\r\n",
			"Content-Type: text/html\r\n\r\n<p>See https://portal.example" + path + token + "</p><blockquote type=cite>https://portal.example" + path + token + "</blockquote>",
		} {
			e := Parse([]byte("From: a@b.example\r\n" + raw))
			if all := e.Text + e.Quoted; strings.Contains(all, token) || strings.Count(all, path+"hidden") != 2 {
				t.Errorf("%s: %q, %q", path, e.Text, e.Quoted)
			}
		}
	}
	if e := Parse([]byte("From: a@b.example\r\n\r\nSee https://shop.example/r/pumps and /reset/now")); e.Text != "See https://shop.example/r/pumps and /reset/now" {
		t.Errorf("%q", e.Text)
	}
}

// TestPostmasters: who is reached as postmaster writes emails as others do.
func TestPostmasters(t *testing.T) {
	t.Parallel()
	const from = "From: Sam <postmaster@small.example>\r\n"
	const bounced = "550 5.1.1 No such user\r\n\r\nMessage-ID: <abcdefghijklmnopqrstuvwxyz@northwind.example>\r\n"
	for _, tt := range []struct {
		rule, raw string
		report    bool
	}{
		{"an answer", from + "Return-Path: <postmaster@small.example>\r\n\r\nThursday suits us.", false},
		{"that quotes another email", from + "\r\nThis did not work: 550 5.1.1\r\nMessage-ID: <1@elsewhere.example>", false},
		{"with ours below it", from + "\r\nThursday suits us.\r\n\r\nMessage-ID: <abcdefghijklmnopqrstuvwxyz@northwind.example>", false},
		{"from nobody", from + "Return-Path: <>\r\n\r\nCould not be delivered.", true},
		{"who could not be reached", from + "X-Failed-Recipients: kim@harbour.example\r\n\r\nCould not be delivered.", true},
		{"ours came back", from + "\r\n" + bounced, true},
	} {
		if e := Parse([]byte(tt.raw)); e.Report != tt.report || (e.Automatic != "") != tt.report {
			t.Errorf("%s: report %v, automatic %q", tt.rule, e.Report, e.Automatic)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range shapes {
		raw, err := os.ReadFile("testdata/" + s.file + ".eml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		e := Parse(raw)
		checkReadable(t, e)
		if e.Digest == "" || len(e.Files) > MaxFiles+1 {
			t.Errorf("%+v", e)
		}
		e.Authentic([]string{"mx.example", Microsoft})
	})
}
