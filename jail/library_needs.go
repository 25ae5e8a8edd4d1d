package jail

import "path"

// ModuleNeeds finds the libraries that a module needs where it lies, beyond
// those that named (read on the host) has in memory already. files are the
// system that named looks at when it loads the module: the host, or a jail,
// which has no loader's cache unless one was made there.
//
// The result lists paths of files and what no directory has. Errors: *Error
// NJ517 for a module that named could not load.
func ModuleNeeds(host Files, named string, files Files, module string) ([]string, []MissingLib, error) {
	running, err := LibraryClosure(host, named)
	if err != nil {
		return nil, nil, nil // not a named that can be read: nothing is known
	}
	c, err := closureOf(files, module, running.Interp, running.loaded)
	if err != nil {
		return nil, nil, err
	}
	if c.object.abi != running.object.abi {
		return nil, nil, &Error{Code: "NJ517", Path: module, Message: "it is built for another processor than " + named}
	}
	missing := c.Missing
	_, cache := files.Stat(loaderCache)
	var list []string
	for _, l := range c.Libs {
		if cache != nil && files != host && path.Clean(l.At) != l.Path {
			missing = append(missing, MissingLib{l.Name, module})
			continue
		}
		list = append(list, l.Path)
	}
	return list, missing, nil
}

// loaderCache is what ldconfig(8) makes.
const loaderCache = "/etc/ld.so.cache"
