"""What the refactoring asks for: the one function, every setup that calls it, the same answers as before, and nothing else touched."""

import ast
import hashlib
import importlib
import inspect
import json
from pathlib import Path
from unittest.mock import MagicMock

import pytest
import sphinx

ROOT = Path(sphinx.__file__).resolve().parents[1]
BASE = json.loads((Path(__file__).parent / 'base.json').read_text(encoding='utf-8'))
KEYS = ('version', 'env_version', 'parallel_read_safe', 'parallel_write_safe')
NAME = 'extension_metadata'


def function():
    return importlib.import_module('sphinx.util.metadata').extension_metadata


def tree_of(module):
    path = ROOT.joinpath(*module.split('.'))
    path = path / '__init__.py' if path.is_dir() else path.with_suffix('.py')
    return ast.parse(path.read_text(encoding='utf-8'))


def setup_of(module):
    return next(node for node in tree_of(module).body if isinstance(node, ast.FunctionDef) and node.name == 'setup')


def returned(module):
    return [node.value for node in ast.walk(setup_of(module)) if isinstance(node, ast.Return)]


@pytest.mark.parametrize(
    ('given', 'made'),
    [
        ({}, [('version', 'builtin'), ('parallel_read_safe', True), ('parallel_write_safe', True)]),
        ({'env_version': 4}, [('version', 'builtin'), ('env_version', 4), ('parallel_read_safe', True), ('parallel_write_safe', True)]),
        ({'version': '9.1', 'parallel_write_safe': None}, [('version', '9.1'), ('parallel_read_safe', True)]),
        ({'parallel_read_safe': False, 'parallel_write_safe': False}, [('version', 'builtin'), ('parallel_read_safe', False), ('parallel_write_safe', False)]),
        ({'parallel_read_safe': None, 'parallel_write_safe': None, 'env_version': 0}, [('version', 'builtin'), ('env_version', 0)]),
    ],
    ids=['defaults', 'environment', 'own version', 'unsafe', 'nothing'],
)
def test_the_function_makes_the_dictionary(given, made):
    assert list(function()(**given).items()) == made


def test_it_takes_keywords_only():
    kinds = {name: parameter.kind for name, parameter in inspect.signature(function()).parameters.items()}
    assert tuple(kinds) == KEYS
    assert set(kinds.values()) == {inspect.Parameter.KEYWORD_ONLY}


def test_each_call_makes_its_own():
    first, second = function()(), function()()
    first['version'] = 'changed'
    assert second['version'] == 'builtin'


def test_every_setup_returns_a_call_of_it():
    strays = []
    for module in BASE['metadata']:
        for value in returned(module):
            called = getattr(value.func, 'id', getattr(value.func, 'attr', '')) if isinstance(value, ast.Call) else ''
            if called != NAME:
                strays.append(module)
    assert strays == []


def test_every_setup_says_what_it_said():
    wrong = {}
    for module, (builtin, env_version, read, write) in BASE['metadata'].items():
        said = importlib.import_module(module).setup(MagicMock())
        expected = {'version': 'builtin' if builtin else sphinx.__display_version__, 'env_version': env_version, 'parallel_read_safe': read, 'parallel_write_safe': write}
        expected = {key: value for key, value in expected.items() if value is not None}
        if said != expected or list(said) != list(expected):
            wrong[module] = said
    assert wrong == {}


def test_only_what_differs_is_said():
    wordy, made = [], 0
    for module in BASE['metadata']:
        calls = [value for value in returned(module) if isinstance(value, ast.Call)]
        made += len(calls)
        for keyword in [keyword for call in calls for keyword in call.keywords]:
            default = {'version': 'builtin', 'env_version': None, 'parallel_read_safe': True, 'parallel_write_safe': True}.get(keyword.arg)
            if isinstance(keyword.value, ast.Constant) and keyword.value.value == default:
                wordy.append(f'{module}: {keyword.arg}')
    assert made == 72
    assert wordy == []


def test_no_such_dictionary_is_left():
    left = []
    for path in sorted((ROOT / 'sphinx').rglob('*.py')):
        for node in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
            keys = {key.value for key in node.keys if isinstance(key, ast.Constant)} if isinstance(node, ast.Dict) else set()
            if len(keys & set(KEYS)) > 1:
                left.append(path.name)
    assert left == []


def test_setups_do_everything_else_as_before():
    changed = []
    for module, digest in BASE['bodies'].items():
        node = setup_of(module)
        for each in ast.walk(node):
            if isinstance(each, ast.Return):
                each.value = None
        rest = [ast.dump(each) for each in node.body]
        words = [ast.dump(node.args), ast.dump(node.returns) if node.returns else '', *rest]
        if hashlib.sha256('\n'.join(words).encode()).hexdigest()[:16] != digest:
            changed.append(module)
    assert changed == []


def test_the_module_stands_alone():
    tree = tree_of('sphinx.util.metadata')
    targets = [node.module or '' for node in tree.body if isinstance(node, ast.ImportFrom)]
    targets += [alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names]
    assert [name for name in targets if name.startswith('sphinx')] == []


def test_no_import_is_left_unused():
    unused = []
    for module in BASE['metadata']:
        tree = tree_of(module)
        imports = any(isinstance(node, ast.Import) and any(alias.name == 'sphinx' and alias.asname is None for alias in node.names) for node in tree.body)
        if imports and 'sphinx' not in {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}:
            unused.append(module)
    assert unused == []
    assert importlib.util.find_spec('sphinx.util.metadata') is not None


def test_tests_and_release_notes_were_not_touched():
    whole = hashlib.sha256()
    for path in sorted((ROOT / 'tests').rglob('*.py')):
        if 'hidden' not in path.parts:
            whole.update(path.relative_to(ROOT).as_posix().encode() + b'\0' + path.read_bytes())
    whole.update((ROOT / 'CHANGES.rst').read_bytes())
    assert whole.hexdigest() == BASE['tests']
