// For the layers above the facade: the form that every complaint about an argument has.
export { argumentOutOfRange, invalidArgumentType, invalidArgumentValue } from './internal/arguments';
