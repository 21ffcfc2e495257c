package imaging

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"time"
)

// Decoders read what strangers send: a file of some kilobytes may ask for a
// minute of work or for gigabytes. So each picture is decoded in a process of
// its own, this program started once more, that the system ends when it takes
// more than a picture needs. It is a new one each time: that costs an eighth of
// what a phone's photo does, gives all memory back, and the limit of time is the
// process's.

// childCommand is the hidden argument with which the program starts itself.
const childCommand = "decode-picture"

// The child's work begins before that of any package that uses this one, in
// tests' programs, too: nothing has to be remembered in main.
func init() {
	if len(os.Args) == 2 && os.Args[1] == childCommand {
		os.Exit(childMain(os.Stdin, os.Stdout, os.Stderr))
	}
}

// request is the line before the file's content that the child reads.
type request struct {
	Type   string // as MIME
	Frame  *Frame // nil asks for a photo's renditions
	Limits limits
}

// answer is the line before the pictures' bytes that the child writes.
type answer struct {
	Refused  string // why there are none
	Pictures []picture
}

type picture struct{ Width, Height, Bytes int }

// limits of one child.
type limits struct {
	CPU    time.Duration // a file that needs more is refused
	Memory uint64        // bytes; the same
	Wall   time.Duration // after which the machine was too busy, and the file is tried again
}

// limitsFor is several times what so many pixels need: 12 megapixels take 0.4 s
// of a core as JPEG, and about 3.5 s and 450 MB as HEIC.
func limitsFor(t Type, pixels int) limits {
	l := limits{CPU: 3*time.Second + time.Duration(pixels)*125*time.Nanosecond, Memory: 2 << 30}
	if pixels > MaxPixels {
		l.Memory = 4 << 30
	}
	if t == HEIC {
		l = limits{CPU: 8*time.Second + time.Duration(pixels)*800*time.Nanosecond, Memory: 3 << 30}
	}
	l.Wall = 5 * l.CPU
	return l
}

// childMain reads a request and a file from in, writes an answer to out and
// returns the exit status.
func childMain(in io.Reader, out, problems io.Writer) int {
	os.Stdout = os.Stderr // the decoder of HEIC must not write between the pictures' bytes
	err := func() error {
		var q request
		from := bufio.NewReader(in)
		line, err := from.ReadBytes('\n')
		if err == nil {
			err = json.Unmarshal(line, &q)
		}
		if err != nil {
			return fmt.Errorf("read request: %w", err)
		}
		q.Limits.apply()
		content, err := io.ReadAll(io.LimitReader(from, MaxFile))
		if err != nil {
			return fmt.Errorf("read picture: %w", err)
		}
		var a answer
		var bodies [][]byte
		a.Pictures, bodies, err = q.do(content)
		if refused, ok := errors.AsType[Refused](err); ok {
			a, err = answer{Refused: refused.Reason}, nil
		}
		if err != nil {
			return err
		}
		head, err := json.Marshal(a)
		if err != nil {
			return err
		}
		_, err = out.Write(bytes.Join(append([][]byte{append(head, '\n')}, bodies...), nil))
		return err
	}()
	if err != nil {
		fmt.Fprintln(problems, err)
		return 1
	}
	return 0
}

// decodeApart has a child do q with a file. What breaks a limit is Refused; an
// end that is not the file's doing is another error, after which the same file
// may be tried again.
func decodeApart(ctx context.Context, q request, content []byte) ([]picture, [][]byte, error) {
	program, err := programPath()
	if err != nil {
		return nil, nil, fmt.Errorf("decode picture: %w", err)
	}
	head, err := json.Marshal(q)
	if err != nil {
		return nil, nil, fmt.Errorf("decode picture: %w", err)
	}
	patience, cancel := context.WithTimeout(ctx, q.Limits.Wall)
	defer cancel()
	var out bytes.Buffer
	var problems firstBytes
	cmd := exec.CommandContext(patience, program, childCommand)
	cmd.Stdin = io.MultiReader(bytes.NewReader(append(head, '\n')), bytes.NewReader(content))
	cmd.Stdout, cmd.Stderr = &out, &problems
	// Nothing of our own environment: it holds the program's secrets. Garbage is
	// collected near the limit alone, which most pictures never come to.
	cmd.Env = []string{fmt.Sprintf("GOMEMLIMIT=%d", q.Limits.Memory/2), "GOGC=off", "GOTRACEBACK=none"}
	cmd.WaitDelay = time.Second
	err = cmd.Run()
	switch {
	case err == nil:
		return readAnswer(&out)
	case ctx.Err() != nil:
		return nil, nil, fmt.Errorf("decode picture: %w", ctx.Err())
	case cmd.ProcessState != nil && q.Limits.broken(cmd.ProcessState, problems):
		return nil, nil, errCostly
	}
	return nil, nil, fmt.Errorf("decode picture: the process for it ended early (%w): %s", err, problems)
}

// errCostly refuses what breaks a limit.
var errCostly = Refused{"The picture cannot be shown: it takes far more work to open than a picture should."}

// broken tells whether a child that failed had used up its limits, or met a fault
// in a decoder. One that the machine ended for want of memory, or somebody by a
// signal, or that could not even begin, had not.
func (l limits) broken(ended *os.ProcessState, problems []byte) bool {
	// The kernel counts a limit by ticks, and what was used exactly.
	if ended.UserTime()+ended.SystemTime() >= l.CPU*4/5 {
		return true
	}
	// Go's runtime ends a program that may have no more memory in many words, even as
	// by a fault of its own; for want of threads or files in few.
	const thrown = 2
	return ended.ExitCode() == thrown && !machineIsFull.Match(problems)
}

var machineIsFull = regexp.MustCompile(`(?i)new OS thread|newosproc|resource temporarily unavailable|too many open files`)

func readAnswer(out *bytes.Buffer) ([]picture, [][]byte, error) {
	var a answer
	line, err := out.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &a)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("decode picture: read answer: %w", err)
	}
	if a.Refused != "" {
		return nil, nil, Refused{a.Refused}
	}
	bodies := make([][]byte, 0, len(a.Pictures))
	for _, p := range a.Pictures {
		body := out.Next(p.Bytes)
		if len(body) != p.Bytes {
			return nil, nil, fmt.Errorf("decode picture: read answer: %w", io.ErrUnexpectedEOF)
		}
		bodies = append(bodies, body)
	}
	return a.Pictures, bodies, nil
}

// firstBytes keeps the beginning of what is written: Go's runtime has a lot to say.
type firstBytes []byte

func (b *firstBytes) Write(p []byte) (int, error) {
	const most = 300
	*b = append(*b, p[:min(len(p), max(0, most-len(*b)))]...)
	return len(p), nil
}
