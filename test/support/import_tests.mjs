/**
 * Loaded before mocha (`node-option` in .mocharc.json): makes it load tests with import().
 *
 * Where Node can require() ES modules, mocha does so, and tsx then hands out CommonJS copies of our modules. Whatever is
 * imported dynamically (backends, plugins, filters) comes as ES modules beside them: two copies of every class, for
 * which `instanceof` is false, and two of every module's state.
 */
Object.defineProperty(process.features, 'require_module', { value: false, configurable: true });
